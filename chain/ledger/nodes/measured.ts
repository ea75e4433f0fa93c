// What the cluster says that a node has: nothing is placed beyond it, and a commitment of more is on record with both figures, for the court (agreement 1.2, 4.3: resource_fraud).
import type { NodeCommitment, NodeRecord, Payloads } from '../../types.js';

export type Measured = NonNullable<Payloads['node.report']['allocatable']>;
type Capacity = NodeRecord['capacity'];

export interface Overcommitment {
  resource: keyof Measured;
  committed: number;
  measured: number;
}

const RESOURCES: readonly (keyof Measured)[] = ['cpuMillis', 'memoryBytes', 'storageBytes', 'pods'];

/** Empty when the node has what was committed, or nobody measured it. */
export function overcommitments(commitment: Pick<NodeCommitment, keyof Measured>, measured: Measured | undefined): Overcommitment[] {
  if (!measured) return [];
  return RESOURCES.filter((resource) => commitment[resource] > measured[resource]).map((resource) => ({
    resource,
    committed: commitment[resource],
    measured: measured[resource],
  }));
}

/** The lesser of what was committed and what is there. */
export function usable({ cpuMillis, memoryBytes, storageBytes, networkBandwidth, pods, extended }: NodeCommitment, measured: Measured | undefined): Capacity {
  const committed = { cpuMillis, memoryBytes, storageBytes, pods };
  const lesser = measured ? (Object.fromEntries(RESOURCES.map((resource) => [resource, Math.min(committed[resource], measured[resource])])) as unknown as Measured) : committed;
  return { ...lesser, networkBandwidth, ...(extended ? { extended } : {}) };
}

/** For the receipt. */
export const overcommitmentText = (name: string, over: readonly Overcommitment[]): string =>
  `node ${name} commits ${over.map(({ resource, committed, measured }) => `${committed} ${resource} and has ${measured}`).join(', ')}; no more than it has is used`;
