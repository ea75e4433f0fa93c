// Who serves what, as the chain decided: kept from finalised blocks, each decision read with its proof.
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type FinalisedBlock, type LoadBalancingDecision } from '../../chain/types.js';
import type { Statement } from '../../receipts/types.js';
import { describeError } from '../runtime/describeError.js';
import type { Logger } from '../runtime/logger.js';

export interface Target {
  url: string;
  nodeId: string;
  /** Per mille of the calls. */
  weight: number;
}
export interface Resolved {
  serviceId: string;
  /** Heaviest first. */
  targets: Target[];
  /** Block that decided it. */
  height: number;
}

export function resolvedOf({ serviceId, routingWeights, performanceMetrics, height }: LoadBalancingDecision): Resolved {
  const targets = Object.entries(routingWeights).map(([url, weight]): Target => ({ url, weight, nodeId: performanceMetrics[url]?.nodeId ?? '' }));
  return { serviceId, height, targets: targets.toSorted((a, b) => b.weight - a.weight || (a.url < b.url ? -1 : 1)) };
}

/** Services whose sharing a block changed. */
export function changedBy({ statements }: FinalisedBlock): string[] {
  const changed = new Set<string>();
  for (const text of statements) {
    if (!text.includes('"endpoint.')) continue;
    const { predicate } = JSON.parse(text) as Statement;
    if (predicate.outcome !== 'applied' || !predicate.operationType.startsWith('endpoint.')) continue;
    for (const serviceId of (predicate.details as { balanced?: string[] } | undefined)?.balanced ?? []) changed.add(serviceId);
  }
  return [...changed];
}

export class ServiceTable {
  readonly #services = new Map<string, Resolved>();
  #unsubscribe: (() => void) | undefined;

  constructor(
    private readonly client: ChainClient,
    private readonly logger: Logger,
    private readonly onChange: (resolved: Resolved) => void = () => undefined,
  ) {}

  get(serviceId: string): Resolved | undefined {
    return this.#services.get(serviceId);
  }
  list(): Resolved[] {
    return [...this.#services.values()];
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.client.onBlock((block) => {
      for (const serviceId of changedBy(block)) void this.#read(serviceId, block.header.height);
    });
    for (const { value } of await this.client.listState<LoadBalancingDecision>(stateKeys.balancing(''))) this.#take(value);
  }
  stop(): void {
    this.#unsubscribe?.();
  }

  async #read(serviceId: string, minHeight: number): Promise<void> {
    try {
      const { value } = await this.client.getState<LoadBalancingDecision>(stateKeys.balancing(serviceId), { minHeight });
      if (value) this.#take(value);
    } catch (error) {
      const { code, message } = describeError(error);
      this.logger.warn(`service ${serviceId}: ${message}`, { code, height: minHeight });
    }
  }

  /** Answers may overtake one another. */
  #take(decision: LoadBalancingDecision): void {
    const known = this.#services.get(decision.serviceId);
    if (known && known.height >= decision.height) return;
    const resolved = resolvedOf(decision);
    this.#services.set(decision.serviceId, resolved);
    this.onChange(resolved);
  }
}
