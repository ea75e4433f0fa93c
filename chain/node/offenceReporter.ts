// Reports what somebody signed and no correct party signs, as this validator sees it: a verdict that it was asked to acknowledge and replay contradicts, a commitment in a block whose attestation is forged,
// a head of the receipt log that is not the certified one, a flood of contradicting messages (agreement 4.3).
import { LRUCache } from 'lru-cache';
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import { checkpointText, openCheckpoint } from '../../receipts/log/cosignedCheckpoint.js';
import { formatNote, NoteError } from '../../receipts/log/signedNote.js';
import type { ValidatorSet } from '../../receipts/types.js';
import { claimOf, FLOOD } from '../consensus/contradict.js';
import type { Signed } from '../consensus/types.js';
import type { EvidencePayloads } from '../evidenceTypes.js';
import { offenceIn } from '../ledger/evidence/offenceIn.js';
import { proofKey } from '../ledger/evidence/proofOperations.js';
import { Refusal } from '../ledger/ledgerError.js';
import { stateKeys, type Payloads } from '../types.js';
import type { ChainState } from './chainState.js';
import type { Cosignature } from './cosigner.js';
import type { ReporterHooks } from './evidenceReporter.js';
import { sendOwn } from './ownTransaction.js';

/** An offence is punished once in its window: of one account, more proofs than one in so many blocks cost fees and change nothing. */
const QUIET_BLOCKS = 1_000;
const PATIENCE_BLOCKS = 100;
/** What may hold an offence; all else is refused for other reasons. */
const SUSPICIOUS: readonly string[] = ['VerdictMismatch', 'BadAttestation'];

export class OffenceReporter {
  /** Type and account → height of the last report. */
  readonly #reported = new LRUCache<string, number>({ max: 1_024 });
  /** Validator, type, height and round → what it said there, by claim. */
  readonly #said = new LRUCache<string, Map<string, Signed>>({ max: 64 });

  constructor(
    private readonly chain: ChainState,
    private readonly account: Ed25519KeyPair,
    private readonly hooks: Omit<ReporterHooks, 'keep'>,
  ) {}

  /** A transaction was refused with this code, before a block or in one. */
  async refused(raw: string, code: string): Promise<void> {
    if (!SUSPICIOUS.includes(code) || !this.#canReport()) return;
    const found = this.#offenceIn(raw);
    if (found) await this.#report('evidence.transaction', { raw }, { about: found.id, offender: found.account });
  }

  /** A validator contradicted itself; both signatures are good. Many such messages of one height and round are a flood. */
  async contradiction(first: Signed, second: Signed): Promise<void> {
    const { from, payload } = second;
    const key = `${from}/${payload.type}/${payload.height}/${payload.round}`;
    const said = this.#said.get(key) ?? new Map<string, Signed>();
    this.#said.set(key, said);
    for (const one of [first, second]) said.set(claimOf(one.payload), one);
    if (said.size < FLOOD || !this.#canReport()) return;
    const offender = this.chain.setAt(payload.height).set.validators[from]!.ed25519PublicKey;
    await this.#report('evidence.flood', { messages: [...said.values()].slice(0, FLOOD) }, { about: `flood.${offender}.${payload.height}`, offender });
  }

  /** A cosignature of the receipt log that does not fit: evidence, where it signs a head of the certified size with another root. */
  async misfit({ height, logSize, logRoot, line }: Cosignature): Promise<void> {
    const { chainId } = this.chain.genesis;
    const { header, certificate } = this.chain.store.header(height) ?? {};
    if (!header || !certificate || header.logSize !== logSize || header.logRoot === logRoot || !this.#canReport()) return;
    const note = formatNote(checkpointText(chainId, { logSize, logRoot }), [line]);
    const { set } = this.chain.setAt(height);
    for (const index of cosignersOf(note, chainId, set)) {
      const validator = set.validators[index]!.ed25519PublicKey;
      await this.#report('evidence.checkpoint', { validator, note, header, certificate }, { about: `log.${validator}.${logSize}`, offender: validator });
    }
  }

  #canReport(): boolean {
    return this.hooks.rank() !== null && this.chain.store.get(stateKeys.account(this.account.publicKey)) !== undefined;
  }

  async #report<T extends keyof EvidencePayloads>(type: T, payload: Payloads[T], { about, offender }: { about: string; offender: string }): Promise<void> {
    const { genesis, store, height } = this.chain;
    const key = `${type}/${offender}`;
    if (store.get(proofKey(about)) !== undefined || height - (this.#reported.get(key) ?? -QUIET_BLOCKS) < QUIET_BLOCKS) return;
    this.#reported.set(key, height);
    await sendOwn(genesis.chainId, this.account, this.hooks, { type, payload, validUntil: height + PATIENCE_BLOCKS });
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

/** None where it is no note of this log, or a signature is wrong. */
function cosignersOf(note: string, chainId: string, set: ValidatorSet): number[] {
  try {
    return openCheckpoint(note, chainId, set).cosigners;
  } catch (error) {
    if (error instanceof NoteError) return [];
    throw error;
  }
}
