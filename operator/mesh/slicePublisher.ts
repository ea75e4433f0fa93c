// Applies the EndpointSlices of each service whose sharing the chain has decided anew; the newest decision of a service wins.
import { describeError } from '../runtime/describeError.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { RESOURCES } from '../runtime/kubeObject.js';
import type { Logger } from '../runtime/logger.js';
import { serverSideApply } from '../runtime/serverSideApply.js';
import type { Resolved } from '../resolver/serviceTable.js';
import { slicesOf, withEmptied, type EndpointSlice } from './endpointSlices.js';

const AGAIN_MS = 2_000;

export class SlicePublisher {
  readonly #published = new Map<string, EndpointSlice[]>();
  readonly #wanted = new Map<string, Resolved>();
  readonly #busy = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly api: KubeApi,
    private readonly logger: Logger,
  ) {}

  publish(resolved: Resolved): void {
    this.#wanted.set(resolved.serviceId, resolved);
    void this.#work(resolved.serviceId);
  }
  stop(): void {
    this.#wanted.clear();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #work(serviceId: string): Promise<void> {
    if (this.#busy.has(serviceId)) return;
    this.#busy.add(serviceId);
    try {
      for (let next = this.#wanted.get(serviceId); next; next = this.#wanted.get(serviceId)) {
        const slices = withEmptied(slicesOf(next), this.#published.get(serviceId) ?? []);
        for (const slice of slices) await serverSideApply(this.api, RESOURCES.EndpointSlice, slice);
        this.#published.set(serviceId, slices);
        if (this.#wanted.get(serviceId) === next) this.#wanted.delete(serviceId);
      }
    } catch (error) {
      const { code, message } = describeError(error);
      this.logger.warn(`EndpointSlices of ${serviceId}: ${message}`, { code });
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        void this.#work(serviceId);
      }, AGAIN_MS);
      this.#timers.add(timer);
    } finally {
      this.#busy.delete(serviceId);
    }
  }
}
