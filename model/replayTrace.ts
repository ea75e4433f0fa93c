// Drives the real core through a behaviour of the model and compares the two after every event.
import { isDeepStrictEqual } from 'node:util';
import { restore, step, type ConsensusState } from '../chain/consensus/step.js';
import type { ConsensusConfig, Event, Flaw, Payload, Signed, SignedMessage, VoteRecord } from '../chain/consensus/types.js';
import { blockDigest, GENESIS, type SimBlock } from '../chain/sim/simBlock.js';
import { fakeCrypto } from '../chain/sim/simCrypto.js';
import {
  claimText,
  messageText,
  senderOf,
  voteText,
  type Abstract,
  type ModelClaim,
  type ModelMessage,
  type ModelTrace,
  type ModelVote,
} from './modelTrace.js';

const VALIDATORS = 4;
const HEIGHT = 1;
const QUORUM_PERCENT = 67;
const NONE = -1;
const blockOf = (digest: number): SimBlock => ({ height: HEIGHT, parent: GENESIS, maker: 0, nonce: digest, good: true, members: [] });
const DIGESTS = new Map([0, 1, 2, 3].map((digest) => [blockDigest(blockOf(digest)), digest]));
const hexOf = (digest: number): string => blockDigest(blockOf(digest));
const numberOf = (digest: string | null | undefined): number => DIGESTS.get(digest ?? '') ?? NONE;

/** What differs, in words; undefined when the core did at every event what the model does. */
export function replayTrace(trace: ModelTrace, flaws?: ReadonlySet<Flaw>): string | undefined {
  const replay = new Replay(trace.faulty, flaws);
  for (const [number, { event, after }] of trace.steps.entries()) {
    replay.carryOut(event);
    for (const [id, expected] of Object.entries(after)) {
      const found = replay.abstractOf(Number(id));
      if (isDeepStrictEqual(found, expected)) continue;
      return `event ${number} (${JSON.stringify(event)}) leaves validator ${id} with\n${JSON.stringify(found)}\nin the core, with\n${JSON.stringify(expected)}\nin the model`;
    }
  }
  return undefined;
}

interface Core {
  config: ConsensusConfig<SimBlock>;
  state: ConsensusState<SimBlock>;
  log: VoteRecord<SimBlock>[];
  decided: number;
  sent: Map<string, SignedMessage<SimBlock>>;
}

class Replay {
  readonly #crypto = fakeCrypto(VALIDATORS, QUORUM_PERCENT);
  readonly #cores: Core[];

  constructor(
    private readonly faulty: number,
    flaws: ReadonlySet<Flaw> | undefined,
  ) {
    this.#cores = Array.from({ length: VALIDATORS }, (_, id) => {
      const config = { baseTimeoutMs: 1, maxTimeoutMs: 1, blockIntervalMs: 1, crypto: this.#crypto.of(id), ...(flaws && { flaws }) };
      return { config, state: restore(config, []), log: [], decided: NONE, sent: new Map() };
    });
  }

  carryOut(event: ModelTrace['steps'][number]['event']): void {
    switch (event.tag) {
      case 'Begin':
        for (const id of this.#cores.keys()) if (id !== this.faulty) this.#start(id);
        return;
      case 'Deliver': {
        const { target, message } = event.value;
        return this.#run(target, { type: 'Message', peer: senderOf(message), message: JSON.parse(JSON.stringify(this.#real(message))) });
      }
      case 'Timeout':
        return this.#run(event.value, { type: 'Timer', id: this.#cores[event.value]!.state.roundTimer ?? 'none' });
      case 'Restart': {
        const core = this.#cores[event.value]!;
        core.state = restore(core.config, JSON.parse(JSON.stringify(core.log)) as typeof core.log);
        return this.#start(event.value);
      }
      case 'Misdeed':
        return;
    }
  }

  abstractOf(id: number): Abstract {
    const { state, decided, sent } = this.#cores[id]!;
    const votes = (byRound: ReadonlyMap<number, ReadonlyMap<number, Signed<Extract<Payload, { digest: string }>>>>): string[] =>
      [...byRound.values()].flatMap((ofRound) => [...ofRound.values()].map(voteOf)).sort();
    return {
      round: state.round,
      decided,
      quorumInRound: state.quorumInRound,
      voted: [numberOf(state.voted.proposal), numberOf(state.voted.prepare), numberOf(state.voted.commit)],
      accepted: numberOf(state.accepted),
      proposals: [...state.proposals.values()].map(voteOf).sort(),
      prepares: votes(state.prepares),
      commits: votes(state.commits),
      roundChanges: [...state.roundChanges.values()].map(claimOf).sort(),
      prepared: `${state.prepared?.round ?? NONE}/${numberOf(state.prepared?.digest)}`,
      sent: [...sent.keys()].sort(),
    };
  }

  #start(id: number): void {
    this.#run(id, { type: 'Start', height: HEIGHT, set: this.#crypto.set([0, 1, 2, 3]), self: id });
    this.#run(id, { type: 'WorkAvailable' });
  }

  /** With all that follows at once; only deliveries, time and power are the model's to choose. */
  #run(id: number, first: Event<SimBlock>): void {
    const core = this.#cores[id]!;
    const queue = [first];
    for (let event = queue.shift(); event; event = queue.shift()) {
      const { state, effects } = step(core.state, event);
      core.state = state;
      for (const effect of effects) {
        if (effect.type === 'Persist') {
          core.log.push(effect.record);
          queue.push({ type: 'Persisted', token: effect.token });
        } else if (effect.type === 'RequestProposal') {
          const block = blockOf(effect.round);
          queue.push({ type: 'ProposalReady', height: effect.height, round: effect.round, digest: blockDigest(block), block });
        } else if (effect.type === 'ValidateProposal') queue.push({ type: 'ProposalValidated', token: effect.token, ok: true });
        else if (effect.type === 'Broadcast') core.sent.set(textOf(effect.message), effect.message);
        else if (effect.type === 'Commit') core.decided = numberOf(effect.digest);
      }
    }
  }

  /** A correct validator's is the one that its core sent; the faulty one's is made here. */
  #real(message: ModelMessage): SignedMessage<SimBlock> {
    const from = senderOf(message);
    if (from !== this.faulty) {
      const sent = this.#cores[from]!.sent.get(messageText(message));
      if (sent === undefined) throw new Error(`the core of validator ${from} never sent ${messageText(message)}`);
      return sent;
    }
    switch (message.tag) {
      case 'PrepareMessage':
        return this.#prepare(message.value);
      case 'CommitMessage': {
        const { round, digest } = message.value;
        const seal = this.#crypto.of(from).seal(HEIGHT, round, hexOf(digest));
        return this.#sign(from, { type: 'commit', height: HEIGHT, round, digest: hexOf(digest), seal });
      }
      case 'RoundChangeMessage': {
        const { claim, prepares } = message.value;
        const block = claim.preparedDigest === NONE ? null : blockOf(claim.preparedDigest);
        return { ...this.#claim(claim), prepares: prepares.map((vote) => this.#prepare(vote)), block };
      }
      case 'ProposalMessage': {
        const { round, digest, roundChanges, prepares } = message.value;
        const justification = {
          roundChanges: roundChanges.map((claim) => this.#claim(claim)),
          prepares: prepares.map((vote) => this.#prepare(vote)),
        };
        return { ...this.#sign(from, { type: 'proposal', height: HEIGHT, round, digest: hexOf(digest) }), block: blockOf(digest), justification };
      }
    }
  }

  #sign<P extends Payload>(from: number, payload: P): Signed<P> {
    return { from, payload, signature: this.#crypto.of(from).sign(payload) };
  }
  #prepare({ from, round, digest }: ModelVote) {
    return this.#sign(from, { type: 'prepare', height: HEIGHT, round, digest: hexOf(digest) });
  }
  #claim({ from, round, preparedRound, preparedDigest }: ModelClaim) {
    const prepared = preparedRound === NONE ? null : preparedRound;
    return this.#sign(from, {
      type: 'roundChange',
      height: HEIGHT,
      round,
      preparedRound: prepared,
      preparedDigest: prepared === null ? null : hexOf(preparedDigest),
    });
  }
}

function voteOf({ from, payload: { round, digest } }: Signed<Extract<Payload, { digest: string }>>): string {
  return voteText({ from, round, digest: numberOf(digest) });
}
function claimOf({ from, payload }: Signed<Extract<Payload, { type: 'roundChange' }>>): string {
  return claimText({ from, round: payload.round, preparedRound: payload.preparedRound ?? NONE, preparedDigest: numberOf(payload.preparedDigest) });
}

const TAGS = { proposal: 'ProposalMessage', prepare: 'PrepareMessage', commit: 'CommitMessage', roundChange: 'RoundChangeMessage' };
function textOf(message: Signed): string {
  const { from, payload } = message;
  const text =
    payload.type === 'roundChange' ? claimOf({ ...message, payload }) : voteText({ from, round: payload.round, digest: numberOf(payload.digest) });
  return `${TAGS[payload.type]} ${text}`;
}
