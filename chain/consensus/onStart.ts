// A height begins: everything of the last is forgotten, votes of a previous run are taken up, and early messages are heard (Dafny: UponNewBlock).
import { handle, onMessage } from './deliver.js';
import { startRoundTimer } from './rounds.js';
import { freshHeight, hasFlaw, isProposer, type OwnMessages } from './consensusState.js';
import type { StepTurn } from './stepTurn.js';
import type { Event, PreparedCertificate, SignedMessage, VoteRecord } from './types.js';

export function onStart<B>(turn: StepTurn<B>, { height, set, self }: Extract<Event<B>, { type: 'Start' }>): void {
  if (height <= turn.state.height) return;
  const { roundTimer, intervalTimer, early, restored, config } = turn.state;
  for (const id of [roundTimer, intervalTimer]) if (id !== null) turn.emit({ type: 'ClearTimer', id });
  const records = restored.filter((record) => record.height === height);
  turn.set({ ...freshHeight<B>(), height, set, self, early: new Map(), restored: restored.filter((record) => record.height > height) });
  if (self !== null) {
    const id = `interval-${turn.next()}`;
    turn.set({ intervalTimer: id });
    turn.emit({ type: 'SetTimer', id, afterMs: config.blockIntervalMs });
    if (records.length > 0 && !hasFlaw(turn.state, 'votesForgotten')) takeUp(turn, records);
  }
  for (const [peer, messages] of early) for (const message of messages.values()) onMessage(turn, peer, message);
}

/** There is work, or the interval has passed: the proposer of round 0 asks for a block, and everybody gives it its time. */
export function beginRound<B>(turn: StepTurn<B>): void {
  const { decided, self, round, height, clockRunning, voted, requested } = turn.state;
  if (decided || self === null || round !== 0) return;
  if (!clockRunning) startRoundTimer(turn);
  if (!isProposer(turn.state) || voted.proposal !== undefined || requested !== null) return;
  turn.set({ requested: [] });
  turn.emit({ type: 'RequestProposal', height, round: 0 });
}

/** Back to the last round voted in, with the votes cast there and the latest prepared certificate; they are sent again. */
function takeUp<B>(turn: StepTurn<B>, records: readonly VoteRecord<B>[]): void {
  const round = Math.max(...records.map(({ vote }) => vote.payload.round));
  const prepared = records.map((record) => record.prepared).filter((certificate) => certificate !== null);
  const own = records.filter(({ vote }) => vote.payload.round === round).map((record) => withRest(record, prepared));
  const mine: OwnMessages<B> = {};
  const voted: Record<string, string> = {};
  for (const { vote } of records) {
    if (vote.payload.type === 'prepare' && hasFlaw(turn.state, 'restoredPrepareForgotten')) continue;
    if (vote.payload.round === round && vote.payload.type !== 'roundChange') voted[vote.payload.type] = vote.payload.digest;
  }
  for (const message of own) if (message) Object.assign(mine, { [message.payload.type]: message });
  // Without a round change of its own, a justified proposal had brought it to this round.
  turn.set({
    round,
    voted,
    mine,
    quorumInRound: mine.roundChange === undefined,
    prepared: prepared.toSorted((a, b) => b.round - a.round)[0] ?? null,
  });
  startRoundTimer(turn);
  for (const message of own) {
    if (!message || turn.state.decided) continue;
    turn.emit({ type: 'Broadcast', message });
    handle(turn, message);
  }
}

/** The whole message, as it was sent; a proposal's is gone with its block. */
function withRest<B>({ vote }: VoteRecord<B>, prepared: PreparedCertificate<B>[]): SignedMessage<B> | undefined {
  const { payload } = vote;
  if (payload.type === 'proposal') return undefined;
  if (payload.type !== 'roundChange') return vote as SignedMessage<B>;
  const shown = prepared.find((certificate) => certificate.round === payload.preparedRound);
  return { ...vote, payload, prepares: shown?.prepares ?? [], block: shown?.block ?? null };
}
