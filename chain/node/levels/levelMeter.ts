// Measures the service levels that no block time shows, as far as this validator can: others by their cosignatures, itself by its own clock; each hour it states what was missed (agreement 6).
import { LRUCache } from 'lru-cache';
import type { Ed25519KeyPair } from '../../../crypto/ed25519.js';
import { faulty } from '../../../receipts/quorum.js';
import { STATED_LEVELS, type StatedLevel } from '../../courtTypes.js';
import { LIMITS } from '../../ledger/court/levelStatements.js';
import { agreedParameters } from '../../ledger/parameters/parameters.js';
import { HOUR_MS } from '../../ledger/rewards/participants.js';
import { Overlay } from '../../ledger/state.js';
import { stateKeys } from '../../types.js';
import type { ChainState, ExecutedBlock } from '../chainState.js';
import type { ReporterHooks } from '../evidenceReporter.js';
import { reasonOf } from '../nodeError.js';
import { sendOwn } from '../ownTransaction.js';
import { HourSamples, measure } from './measureLevels.js';
import { answerService, probeReceipt, type Now } from './ownProbes.js';

/** A receipt is read and verified, some milliseconds, once in so many blocks; where they are rare, once a minute of block time. */
export const PROBE_BLOCKS = 32;
const PROBE_MS = 60_000;
/** Heights whose cosignatures are waited for. */
const KEPT_HEIGHTS = 1_024;
/** Blocks until a statement that was not executed is of no use. */
const PATIENCE_BLOCKS = 20;

export class LevelMeter {
  #hour: number | undefined;
  #samples = new HourSamples();
  /** Height → when it was durable here, ms of `now`: later than final, so nobody is said to be later than it was, however slow the own disk is. */
  readonly #storedAt = new LRUCache<number, number>({ max: KEPT_HEIGHTS });
  #probed = { height: 0, time: 0 };

  constructor(
    private readonly chain: ChainState,
    private readonly account: Ed25519KeyPair,
    private readonly hooks: Omit<ReporterHooks, 'keep'> & { now: Now },
  ) {}

  /** A validator's good cosignature over the receipt log at a height came: it has stored the block. */
  cosigned(height: number, publicKey: string): void {
    const storedAt = this.#storedAt.get(height);
    if (storedAt !== undefined && publicKey !== this.account.publicKey) this.#samples.add('storage_time', publicKey, this.hooks.now() - storedAt);
  }

  /** After each block that was not caught up with; it was final at `finalAt` and is durable now. */
  async committed(executed: ExecutedBlock, finalAt: number): Promise<void> {
    if (!this.chain.genesis.economy || this.hooks.rank() === null || !this.#hasAccount(this.account.publicKey)) return;
    const { height, timestamp } = executed.block.header;
    const hour = Math.floor(timestamp / HOUR_MS);
    const ended = this.#hour !== undefined && hour !== this.#hour ? this.#samples : undefined;
    if (ended) this.#samples = new HourSamples();
    this.#hour = hour;
    const storedAt = this.hooks.now();
    this.#storedAt.set(height, storedAt);
    this.#own('storage_time', storedAt - finalAt);
    this.#watchExecution(executed, finalAt);
    // The block's own cosignature leaves first.
    await Promise.resolve();
    this.#probe(height, timestamp);
    if (ended) await this.#state(ended);
  }

  #watchExecution({ execution: { statements, results }, ms }: ExecutedBlock, finalAt: number): void {
    if (statements.length > 0) this.#own('generation_time', ms / statements.length);
    if (statements.some((text) => text.includes('"operationType":"node.commit"'))) this.#own('resource_verification', ms);
    const [serviceId] = results.flatMap(({ details }) => (details as { balanced?: string[] } | undefined)?.balanced ?? []);
    if (serviceId === undefined) return;
    this.#own('load_balancing', ms);
    if (answerService(this.chain, serviceId)) this.#own('service_discovery', this.hooks.now() - finalAt);
  }

  #probe(height: number, time: number): void {
    if (height - this.#probed.height < PROBE_BLOCKS && time - this.#probed.time < PROBE_MS) return;
    this.#probed = { height, time };
    try {
      const took = probeReceipt(this.chain, this.account, this.hooks.now);
      if (!took) return;
      this.#own('retrieval_time', took.retrieval);
      this.#own('verification_time', took.verification);
    } catch (error) {
      // A receipt that cannot be read is no reason to stop voting.
      this.hooks.refused(`a receipt of the own log could not be read: ${reasonOf(error)}`);
    }
  }

  #own(level: StatedLevel, ms: number): void {
    this.#samples.add(level, this.account.publicKey, ms);
  }

  #hasAccount(publicKey: string): boolean {
    return this.chain.store.get(stateKeys.account(publicKey)) !== undefined;
  }

  async #state(samples: HourSamples): Promise<void> {
    const { genesis, store, height } = this.chain;
    const parameters = agreedParameters(new Overlay(store), genesis);
    const limits = Object.fromEntries(STATED_LEVELS.map((level) => [level, parameters[LIMITS[level].limit]])) as Record<StatedLevel, number>;
    const { validators } = this.chain.setAt(height + 1).set;
    for (const payload of measure(limits, samples, { self: this.account.publicKey, faulty: faulty(validators.length) })) {
      if (!this.#hasAccount(payload.respondent)) continue;
      await sendOwn(genesis.chainId, this.account, this.hooks, { type: 'level.state', payload, validUntil: height + PATIENCE_BLOCKS });
    }
  }
}
