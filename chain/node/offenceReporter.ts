// Reports what somebody signed and no correct party signs, as this validator sees it: a verdict that it was asked to acknowledge and replay contradicts, a commitment in a block whose attestation is forged (agreement 4.3).
import { LRUCache } from 'lru-cache';
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import { offenceIn } from '../ledger/evidence/offenceIn.js';
import { proofKey } from '../ledger/evidence/proofOperations.js';
import { Refusal } from '../ledger/ledgerError.js';
import { stateKeys } from '../types.js';
import type { ChainState } from './chainState.js';
import type { ReporterHooks } from './evidenceReporter.js';
import { ownTransaction } from './ownTransaction.js';

/** An offence is punished once in its window: of one account, more proofs than one in so many blocks cost fees and change nothing. */
const QUIET_BLOCKS = 1_000;
const PATIENCE_BLOCKS = 100;
/** What may hold an offence; all else is refused for other reasons. */
const SUSPICIOUS: readonly string[] = ['VerdictMismatch', 'BadAttestation'];

export class OffenceReporter {
  /** Account → height of the last report. */
  readonly #reported = new LRUCache<string, number>({ max: 1_024 });

  constructor(
    private readonly chain: ChainState,
    private readonly account: Ed25519KeyPair,
    private readonly hooks: Omit<ReporterHooks, 'keep'>,
  ) {}

  /** A transaction was refused with this code, before a block or in one. */
  async refused(raw: string, code: string): Promise<void> {
    const { genesis, store, height } = this.chain;
    if (!SUSPICIOUS.includes(code) || this.hooks.rank() === null || store.get(stateKeys.account(this.account.publicKey)) === undefined) return;
    const found = this.#offenceIn(raw);
    if (!found || store.get(proofKey(found.id)) !== undefined || height - (this.#reported.get(found.account) ?? -QUIET_BLOCKS) < QUIET_BLOCKS) return;
    this.#reported.set(found.account, height);
    const { refusals } = await this.hooks.submit(ownTransaction(genesis.chainId, this.account, { type: 'evidence.transaction', payload: { raw }, validUntil: height + PATIENCE_BLOCKS }));
    for (const { message } of refusals) this.hooks.refused(message);
  }

  #offenceIn(raw: string) {
    try {
      return offenceIn(this.chain.store, this.chain.genesis.chainId, raw);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }
}
