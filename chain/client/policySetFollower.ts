// The policy set in force, assembled from proved records and objects named by hash, and read again when a block may have changed it (ADR 2).
import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicySet } from '../../policy/types.js';
import { stateKeys, type FinalisedBlock, type PolicySetPointer, type PolicySetRecord } from '../types.js';
import { assemblePolicySet } from './assemblePolicySet.js';
import { ChainError } from './chainError.js';
import type { ClientLogger } from './clientLogger.js';
import type { VerifyingStateReader } from './stateReader.js';
import type { Timing } from './timing.js';

/** A vote or a ballot may be the one that decides. */
const CHANGING = /"type":"(?:cluster\.|agreement\.|policy\.|rule\.|exception\.|proposal\.vote|case\.reveal|instruction\.carry)/;

/** Whether the set may be another after this block: it has a transaction that changes sets, something happened by itself (a vote's timelock or a case ended), or an agreement ran out. */
export function mayChangePolicySet({ header, transactions, statements }: FinalisedBlock, { agreements }: PolicySet): boolean {
  return (
    statements.length > transactions.length ||
    agreements.some(({ state, spec }) => state === 'InForce' && Date.parse(spec.terms.validUntil) <= header.timestamp) ||
    transactions.some((raw) => CHANGING.test(raw))
  );
}

export class PolicySetFollower {
  #set: PolicySet | undefined;
  #objects = new Map<string, object>();
  /** The height the next reading must be of; 0 when none is due. */
  #due = 0;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly reader: VerifyingStateReader,
    private readonly timing: Timing,
    private readonly logger: ClientLogger,
  ) {}

  /** Throws ChainError 'NotStarted'. */
  get current(): PolicySet {
    if (!this.#set) throw new ChainError('NotStarted', 'the client has read no policy set yet; await start() first');
    return this.#set;
  }

  async start(minHeight: number): Promise<void> {
    await this.#read(minHeight);
    this.#timer = setInterval(() => this.#refresh(1), this.timing.policyMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#reading;
  }

  blockFinal(block: FinalisedBlock): void {
    if (this.#set && mayChangePolicySet(block, this.#set)) this.#refresh(block.header.height);
  }

  #refresh(minHeight: number): void {
    this.#due = Math.max(this.#due, minHeight);
    this.#reading ??= this.#readDue().finally(() => (this.#reading = undefined));
  }

  async #readDue(): Promise<void> {
    for (let pause = this.timing.retryMs; this.#due > 0 && !this.#stopped;) {
      const due = this.#due;
      try {
        await this.#read(due);
        if (this.#due === due) this.#due = 0;
        pause = this.timing.retryMs;
      } catch (error) {
        this.logger.warn('the policy set could not be read; the one before stays', {
          code: (error as ChainError).code,
          height: due,
          fault: (error as Error).message,
        });
        await sleep((pause = Math.min(2_000, 2 * pause)));
      }
    }
  }

  async #read(minHeight: number): Promise<void> {
    const options = { minHeight, timeoutMs: this.timing.callMs };
    const pointer = await this.#record<PolicySetPointer>(stateKeys.currentPolicySet, options);
    const { policyHeight } = pointer;
    if (this.#set && policyHeight <= this.#set.policyHeight) return;
    const record = await this.#record<PolicySetRecord>(stateKeys.policySet(policyHeight), options);
    const objects = new Map<string, object>();
    await Promise.all(record.members.map(async ({ hash }) => objects.set(hash, await this.#object(hash))));
    this.#objects = objects;
    this.#set = assemblePolicySet(record, (hash) => objects.get(hash)!);
    this.logger.info('policy set', { policyHeight, members: record.members.length });
  }

  async #record<T>(key: string, options: { minHeight: number; timeoutMs: number }): Promise<T> {
    const { value, height } = await this.reader.get<T>(key, options);
    if (value === undefined)
      throw new ChainError('NotFound', `block ${height} proves that there is no record ${key}; is the genesis that of this chain?`);
    return value;
  }

  async #object(hash: string): Promise<object> {
    return this.#objects.get(hash) ?? ((await this.reader.object(hash, this.timing.callMs)) as object);
  }
}
