// Takes what this validator saw another one contradict, keeps it durable, and has it on the chain: one report, sent with the own account.
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import type { Signed } from '../consensus/types.js';
import { EVIDENCE_WINDOW, evidenceKey } from '../ledger/evidence/evidenceOperations.js';
import type { EvidencePayloads } from '../evidenceTypes.js';
import { stateKeys } from '../types.js';
import type { ChainState } from './chainState.js';
import { sendOwn, type OwnSubmission } from './ownTransaction.js';

type Report = EvidencePayloads['evidence.report'];

/** Of a validator that contradicts itself at every height, so many are enough to have it punished; the rest is dropped. */
const MAX_PENDING = 64;
/** Blocks that a report may wait for its execution before it is signed anew. */
const PATIENCE_BLOCKS = 100;

export interface ReporterHooks extends OwnSubmission {
  /** Appends to the log of evidence; resolves when it is durable. */
  keep(report: string): Promise<void>;
  /** Own place in the set of the next height; null when this node is no member. */
  rank(): number | null;
}
interface Pending {
  report: Report;
  /** From this height on it is this validator's turn, unless another's report was executed meanwhile. */
  from: number;
  /** The last report sent ends here. */
  until: number;
}

export class EvidenceReporter {
  readonly #pending = new Map<string, Pending>();

  constructor(
    private readonly chain: ChainState,
    private readonly account: Ed25519KeyPair,
    private readonly hooks: ReporterHooks,
  ) {}

  /** Reports that are not on the chain yet, for the log to be rewritten with. */
  get waiting(): string[] {
    return [...this.#pending.values()].map(({ report }) => JSON.stringify(report));
  }

  /** What an earlier run had kept. */
  restore(reports: readonly string[]): void {
    for (const text of reports) this.#add(JSON.parse(text) as Report);
  }

  /** Both signatures are good. Resolves when it cannot be forgotten any more. */
  async seen(first: Signed, second: Signed): Promise<void> {
    const report = { first, second };
    if (this.#add(report)) await this.hooks.keep(JSON.stringify(report));
  }

  /** After each block: sends what is due, and forgets what was recorded or has become too old. */
  async committed(): Promise<void> {
    const { height } = this.chain;
    for (const [key, pending] of this.#pending) {
      if (this.chain.store.get(key) !== undefined || pending.report.first.payload.height < height - EVIDENCE_WINDOW) this.#pending.delete(key);
      else if (height >= pending.from && height >= pending.until) await this.#send(pending);
    }
  }

  #add(report: Report): boolean {
    const { from, payload } = report.first;
    const validator = this.chain.setAt(payload.height).set.validators[from]!.ed25519PublicKey;
    const key = evidenceKey(validator, payload.height, payload.type);
    if (this.#pending.has(key) || this.#pending.size >= MAX_PENDING || this.chain.store.get(key) !== undefined) return false;
    // One after the other, so that one report is usually enough.
    this.#pending.set(key, { report, from: this.chain.height + 1 + (this.hooks.rank() ?? 0), until: 0 });
    return true;
  }

  async #send(pending: Pending): Promise<void> {
    const { publicKey } = this.account;
    if (this.hooks.rank() === null) return;
    pending.until = this.chain.height + PATIENCE_BLOCKS;
    if (this.chain.store.get(stateKeys.account(publicKey)) === undefined) return this.hooks.refused(`there is no account ${publicKey}; open one for this validator with "bpci stake bond"`);
    await sendOwn(this.chain.genesis.chainId, this.account, this.hooks, { type: 'evidence.report', payload: pending.report, validUntil: pending.until });
  }
}
