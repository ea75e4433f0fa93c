// What a validator reports so that its hour can be measured: that it is there, once a slot, and, in turn with the others, certificates that show who signed (agreement 4.1).
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import { signersOf } from '../../receipts/certificates.js';
import { agreedParameters } from '../ledger/parameters/parameters.js';
import { slotOf, validatorParticipant } from '../ledger/rewards/participants.js';
import { creditKey, MAX_CERTIFICATE_AGE, type CreditRecord } from '../ledger/rewards/rewardOperations.js';
import { Overlay } from '../ledger/state.js';
import { stateKeys, type Payloads } from '../types.js';
import type { ReporterHooks } from './evidenceReporter.js';
import type { ChainState } from './chainState.js';
import { sendOwn } from './ownTransaction.js';

type Certified = Payloads['participation.report']['certificates'][number];

/** In one transaction. */
const MAX_CERTIFICATES = 32;
/** Heights. Everybody verifies each certificate that is not its own while it executes a block, about 0.5 ms, and pods wait for that block: little, often. */
const [SHORTEST_TURN, LONGEST_TURN] = [4, 8];
/** Heights kept clear of the oldest that is still credited, for the way into a block. */
const MARGIN = 100;
/** Blocks until a report that was not executed is of no use. */
const PATIENCE_BLOCKS = 20;

export class DutyReporter {
  #slot = -1;
  #turn = -1;
  /** Below it, this validator's certificates show nobody who was not credited; it stays so. */
  #doneBelow = 1;

  constructor(
    private readonly chain: ChainState,
    private readonly account: Ed25519KeyPair,
    private readonly hooks: Omit<ReporterHooks, 'keep'>,
  ) {}

  /** After each block. */
  async committed(): Promise<void> {
    const { genesis, store, height, header } = this.chain;
    const rank = this.hooks.rank();
    if (!genesis.economy || rank === null || store.get(stateKeys.account(this.account.publicKey)) === undefined) return;
    const parameters = agreedParameters(new Overlay(store), genesis);
    const slot = slotOf({ timestamp: header.timestamp, parameters });
    if (slot !== this.#slot) {
      this.#slot = slot;
      await this.#send('node.heartbeat', { participant: validatorParticipant(this.account.publicKey) });
    }
    const { turn, isOwn } = turnOf(height, rank, this.chain.setAt(height).set.validators.length);
    if (turn === this.#turn) return;
    this.#turn = turn;
    const found = isOwn ? this.#uncredited() : [];
    for (let at = 0; at < found.length; at += MAX_CERTIFICATES) await this.#send('participation.report', { certificates: found.slice(at, at + MAX_CERTIFICATES) });
  }

  /** Certificates of this validator's own store with a signer who was not credited: each has those of the first quorum that it saw. */
  #uncredited(): Certified[] {
    const { store, height } = this.chain;
    const found: Certified[] = [];
    for (let at = Math.max(this.#doneBelow, height - MAX_CERTIFICATE_AGE + MARGIN); at < height; at++) {
      const known = store.header(at);
      if (!known) continue; // of before the snapshot that the chain began with here
      const { header, certificate } = known;
      const text = store.get(creditKey(at));
      const credited = text === undefined ? [] : (JSON.parse(text) as CreditRecord).signers;
      const signers = signersOf(certificate!, this.chain.setAt(at).set.validators.length) ?? [];
      if (signers.some((index) => !credited.includes(index))) found.push({ header, certificate: certificate! });
    }
    this.#doneBelow = found[0]?.header.height ?? height;
    return found;
  }

  async #send<T extends 'node.heartbeat' | 'participation.report'>(type: T, payload: Payloads[T]): Promise<void> {
    const { genesis, height } = this.chain;
    await sendOwn(genesis.chainId, this.account, this.hooks, { type, payload, validUntil: height + PATIENCE_BLOCKS });
  }
}

/** Which turn a height belongs to and whether it is the validator's with this rank: all have had one long before a certificate is too old. */
export function turnOf(height: number, rank: number, validators: number): { turn: number; isOwn: boolean } {
  const length = Math.min(LONGEST_TURN, Math.max(SHORTEST_TURN, Math.floor((MAX_CERTIFICATE_AGE - MARGIN) / validators)));
  const turn = Math.floor(height / length);
  return { turn, isOwn: turn % validators === rank };
}
