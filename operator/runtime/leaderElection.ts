// One leader at a time by a Lease, as client-go does it: a lease counts as over when its record has not changed for its duration on our own clock.
import { describeError } from './describeError.js';
import type { KubeApi } from './kubeApi.js';
import { isKubeError } from './kubeError.js';
import { RESOURCES, type KubeObject } from './kubeObject.js';
import type { Logger } from './logger.js';

export interface Lease extends KubeObject {
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string; leaseTransitions?: number };
}

export interface LeaseOptions {
  namespace: string;
  name: string;
  identity: string;
  /** Others wait this long after the last renewal that they saw. */
  durationMs: number;
  /** The leader gives up when it could not renew for this long; less than durationMs. */
  renewDeadlineMs: number;
  /** Between two looks at a lease that another holds, and after a renewal that failed. */
  retryMs: number;
  /** Between two renewals by the leader. */
  renewMs: number;
}

/** What is known of the lease: its record, and when (on our clock) it was last seen to change. */
export interface Observation {
  lease: Lease | undefined;
  changedAt: number;
}
export type LeaseStep = 'create' | 'take' | 'renew' | 'wait';

export function decideLease({ lease, changedAt }: Observation, identity: string, now: number): LeaseStep {
  if (!lease) return 'create';
  const { holderIdentity, leaseDurationSeconds = 0 } = lease.spec;
  if (holderIdentity === identity) return 'renew';
  if (!holderIdentity) return 'take';
  return now >= changedAt + leaseDurationSeconds * 1000 ? 'take' : 'wait';
}

export function nextLease(old: Lease | undefined, { name, namespace, identity, durationMs }: LeaseOptions, time: string): Lease {
  const mine = old?.spec.holderIdentity === identity;
  return {
    apiVersion: RESOURCES.Lease.apiVersion,
    kind: RESOURCES.Lease.kind,
    metadata: old?.metadata ?? { name, namespace },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      acquireTime: mine ? (old.spec.acquireTime ?? time) : time,
      renewTime: time,
      leaseTransitions: old ? (old.spec.leaseTransitions ?? 0) + (mine ? 0 : 1) : 0,
    },
  };
}

const microTime = () => new Date().toISOString().replace('Z', '000Z');

export class LeaderElection {
  #observed: Observation = { lease: undefined, changedAt: 0 };
  #stopped = false;
  #wake: (() => void) | undefined;
  #leading: Promise<void> | undefined;

  constructor(
    private readonly api: KubeApi,
    private readonly options: LeaseOptions,
    private readonly logger: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Resolves when this process leads; `onLost` is called once if it later cannot renew in time. Rejects never: it tries for ever. */
  async acquire(onLost: (why: string) => void): Promise<void> {
    while (!this.#stopped && !(await this.#tried())) await this.#pause(this.#untilNextLook());
    if (!this.#stopped) this.#leading = this.#keep(onLost);
  }

  /** Stops renewing; a leader gives the lease back, so that the next one need not wait. */
  async release(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#leading;
    const { lease } = this.#observed;
    if (lease?.spec.holderIdentity !== this.options.identity) return;
    try {
      await this.api.replace(this.#path, { ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime() } });
    } catch (error) {
      this.logger.warn(`the lease was not given back: ${describeError(error).message}`, { code: describeError(error).code });
    }
  }

  get #path(): string {
    return RESOURCES.Lease.path(this.options.name, this.options.namespace);
  }

  async #keep(onLost: (why: string) => void): Promise<void> {
    const { retryMs, renewMs } = this.options;
    let renewedAt = this.now();
    let pauseMs = renewMs;
    while (!this.#stopped) {
      await this.#pause(pauseMs);
      if (this.#stopped) return;
      const renewed = await this.#tried();
      pauseMs = renewed ? renewMs : retryMs;
      if (renewed) renewedAt = this.now();
      else if (this.#observed.lease && this.#observed.lease.spec.holderIdentity !== this.options.identity)
        return onLost(`${this.#observed.lease.spec.holderIdentity} holds the lease`);
      else if (this.now() - renewedAt > this.options.renewDeadlineMs)
        return onLost(`the lease could not be renewed for ${this.options.renewDeadlineMs} ms`);
    }
  }

  /** Ms; at the moment when the lease that was seen last is over, where that is sooner. */
  #untilNextLook(): number {
    const { lease, changedAt } = this.#observed;
    const over = changedAt + (lease?.spec.leaseDurationSeconds ?? 0) * 1000 - this.now();
    return over > 0 ? Math.min(over, this.options.retryMs) : this.options.retryMs;
  }

  /** True when the lease is ours now. */
  async #tried(): Promise<boolean> {
    try {
      await this.#observe();
      const step = decideLease(this.#observed, this.options.identity, this.now());
      if (step === 'wait') return false;
      const wanted = nextLease(this.#observed.lease, this.options, microTime());
      const written = step === 'create' ? await this.api.create<Lease>(this.#collection, wanted) : await this.api.replace<Lease>(this.#path, wanted);
      this.#observed = { lease: written, changedAt: this.now() };
      return true;
    } catch (error) {
      const { code, message } = describeError(error);
      if (!isKubeError(error, 'Conflict', 'AlreadyExists')) this.logger.warn(`lease ${this.options.name}: ${message}`, { code });
      return false;
    }
  }

  get #collection(): string {
    return this.#path.slice(0, this.#path.lastIndexOf('/'));
  }

  async #observe(): Promise<void> {
    let lease: Lease | undefined;
    try {
      lease = await this.api.get<Lease>(this.#path);
    } catch (error) {
      if (!isKubeError(error, 'NotFound')) throw error;
    }
    if (lease?.metadata.resourceVersion !== this.#observed.lease?.metadata.resourceVersion || !lease)
      this.#observed = { lease, changedAt: this.now() };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
