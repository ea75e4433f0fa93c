// Measures the service levels of other validators that no block time shows, by what reaches this one: votes, cosignatures and answers; each hour it states what was missed (agreement 6).
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Ed25519KeyPair } from '../../../crypto/ed25519.js';
import { faulty } from '../../../receipts/quorum.js';
import type { ReceiptBundle, Statement } from '../../../receipts/types.js';
import { STATED_LEVELS, type StatedLevel } from '../../courtTypes.js';
import { LIMITS } from '../../ledger/court/levelStatements.js';
import { agreedParameters } from '../../ledger/parameters/parameters.js';
import { HOUR_MS } from '../../ledger/rewards/participants.js';
import { Overlay } from '../../ledger/state.js';
import { stateKeys } from '../../types.js';
import { receiptBundle } from '../api/receiptRoutes.js';
import type { ChainState, ExecutedBlock } from '../chainState.js';
import type { ReporterHooks } from '../evidenceReporter.js';
import { reasonOf } from '../nodeError.js';
import { sendOwn } from '../ownTransaction.js';
import { HourSamples, measure } from './measureLevels.js';
import { challengeOf, SPOILT } from './receiptChallenges.js';
import { ReceiptProbe, type ProbeHooks, type Question } from './receiptProbe.js';
import { VoteTimes, type Reading } from './voteTimes.js';

/** Of block time, between two questions to each other validator. */
export const PROBE_MS = 60_000;
/** Of the newest so many receipts, one, so that it is kept everywhere. */
const PROBED_RECEIPTS = 64;
/** Heights whose cosignatures are waited for. */
const KEPT_HEIGHTS = 1_024;
/** Blocks until a statement that was not executed is of no use. */
const PATIENCE_BLOCKS = 20;
/** Receipts of a block from which their making shows: of fewer, a vote's delay is mostly the line's. */
export const SHOWING_RECEIPTS = 10;

export interface LevelMeterHooks extends Omit<ReporterHooks, 'keep'>, Pick<ProbeHooks, 'ask' | 'challenge' | 'now'> {
  /** A whole number from 0 to below. */
  random(below: number): number;
}

export class LevelMeter {
  #hour: number | undefined;
  #samples = new HourSamples();
  /** By height: when it was durable here, ms of `now`, which is later than final, so nobody is said to be later than it was; and whether it shared calls anew. */
  readonly #stored = new LRUCache<number, { at: number; balanced: boolean }>({ max: KEPT_HEIGHTS });
  readonly #votes = new VoteTimes((level, publicKey, ms) => this.#add(level, publicKey, ms));
  readonly #probe: ReceiptProbe;
  #probedAt = 0;

  constructor(
    private readonly chain: ChainState,
    private readonly account: Ed25519KeyPair,
    private readonly hooks: LevelMeterHooks,
  ) {
    const { ask, challenge, now } = hooks;
    this.#probe = new ReceiptProbe({ ask, challenge, now, measured: (level, publicKey, ms) => this.#add(level, publicKey, ms) });
  }

  /** This validator begins to execute a proposal, or has sent its own. */
  proposed(digest: string): void {
    this.#votes.proposed(digest, this.hooks.now());
  }

  /** A message of consensus, anything, came over a validator's link: of a prepare is measured how late it is. */
  heard(message: unknown, publicKey: string): void {
    const { payload } = (message ?? {}) as { payload?: { type?: unknown; digest?: unknown } | null };
    if (payload?.type === 'prepare' && typeof payload.digest === 'string') this.#votes.voted(payload.digest, publicKey, this.hooks.now());
  }

  /** A validator's good cosignature over the receipt log at a height came: it has stored the block, and answers from it. */
  cosigned(height: number, publicKey: string): void {
    const stored = this.#stored.get(height);
    if (stored === undefined) return;
    const ms = this.hooks.now() - stored.at;
    this.#add('storage_time', publicKey, ms);
    if (stored.balanced) this.#add('service_discovery', publicKey, ms);
  }

  /** A validator answered with a receipt, or null. */
  answered(publicKey: string, receiptId: string, bundle: unknown): void {
    this.#probe.answered(publicKey, receiptId, bundle);
  }

  /** A validator answered whether the receipt that it was sent is good. */
  verified(publicKey: string, receiptId: string, isGood: boolean): void {
    this.#probe.verified(publicKey, receiptId, isGood);
  }

  gone(publicKey: string): void {
    this.#probe.gone(publicKey);
  }

  /** After each block that was not caught up with; it is durable now. */
  async committed({ block, execution, digest }: Pick<ExecutedBlock, 'block' | 'execution' | 'digest'>): Promise<void> {
    if (!this.chain.genesis.economy || this.hooks.rank() === null || !this.#hasAccount(this.account.publicKey)) return;
    const { height, timestamp } = block.header;
    const hour = Math.floor(timestamp / HOUR_MS);
    const ended = this.#hour !== undefined && hour !== this.#hour ? this.#samples : undefined;
    if (ended) this.#samples = new HourSamples();
    this.#hour = hour;
    const readings = readingsOf(execution);
    this.#votes.final(digest, readings);
    this.#stored.set(height, { at: this.hooks.now(), balanced: readings.some(({ level }) => level === 'load_balancing') });
    // The block's own cosignature leaves first.
    await Promise.resolve();
    this.#ask(height, timestamp);
    if (ended) await this.#state(ended);
  }

  #ask(height: number, time: number): void {
    if (time - this.#probedAt < PROBE_MS) return;
    this.#probedAt = time;
    try {
      const question = this.#question();
      if (!question) return;
      for (const { ed25519PublicKey } of this.chain.setAt(height + 1).set.validators) if (ed25519PublicKey !== this.account.publicKey) this.#probe.begin(ed25519PublicKey, question);
    } catch (error) {
      // A receipt that cannot be read here is no reason to stop voting.
      this.hooks.refused(`a receipt of the own log could not be read: ${reasonOf(error)}`);
    }
  }

  /** About a receipt that the hash before the head picks. */
  #question(): Question | undefined {
    const { store, header } = this.chain;
    if (header.logSize === 0) return undefined;
    const leaf = header.logSize - 1 - (Number.parseInt(header.previousHash.slice(0, 12), 16) % Math.min(PROBED_RECEIPTS, header.logSize));
    const [text] = store.logTables.statements(leaf, leaf + 1);
    const { receiptId } = (JSON.parse(text!) as Statement).predicate;
    const own = receiptBundle({ store, keys: { ed25519: this.account }, sets: () => this.chain.sets }, receiptId);
    if (!own) return undefined;
    const expected = shownBy(JSON.parse(JSON.stringify(own)) as ReceiptBundle);
    return { receiptId, isAnswer: (bundle) => isDeepStrictEqual(shownBy(bundle), expected), challenge: () => challengeOf(own, SPOILT[this.hooks.random(SPOILT.length)]!) };
  }

  #add(level: StatedLevel, publicKey: string, ms: number): void {
    if (publicKey !== this.account.publicKey) this.#samples.add(level, publicKey, ms);
  }

  #hasAccount(publicKey: string): boolean {
    return this.chain.store.get(stateKeys.account(publicKey)) !== undefined;
  }

  async #state(samples: HourSamples): Promise<void> {
    const { genesis, store, height } = this.chain;
    const parameters = agreedParameters(new Overlay(store), genesis);
    const limits = Object.fromEntries(STATED_LEVELS.map((level) => [level, parameters[LIMITS[level].limit]])) as Record<StatedLevel, number>;
    const { validators } = this.chain.setAt(height + 1).set;
    for (const payload of measure(limits, samples, faulty(validators.length))) {
      if (!this.#hasAccount(payload.respondent)) continue;
      await sendOwn(genesis.chainId, this.account, this.hooks, { type: 'level.state', payload, validUntil: height + PATIENCE_BLOCKS });
    }
  }
}

/** What the delay of a vote for the block says. */
function readingsOf({ statements, results }: ExecutedBlock['execution']): Reading[] {
  const readings: Reading[] = [];
  if (statements.length >= SHOWING_RECEIPTS) readings.push({ level: 'generation_time', per: statements.length });
  if (statements.some((text) => text.includes('"operationType":"node.commit"'))) readings.push({ level: 'resource_verification', per: 1 });
  if (results.some(({ details }) => ((details as { balanced?: string[] } | undefined)?.balanced ?? []).length > 0)) readings.push({ level: 'load_balancing', per: 1 });
  return readings;
}

/** Statement and proof, of whatever came; each validator signs its own envelope. */
function shownBy(bundle: unknown): { payload: unknown; inclusion: unknown } {
  const { envelope, inclusion } = (bundle ?? {}) as Partial<ReceiptBundle>;
  return { payload: envelope?.payload, inclusion };
}
