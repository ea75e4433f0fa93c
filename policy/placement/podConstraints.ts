// What a pod asks of its place besides room: preferences, other pods to be near or away from, spread, extended resources, its group.
import type { LabelSelector } from '../../api/index.js';

/** Other pods, and the label of nodes whose value says what counts as the same place. */
export interface PodTerm {
  topologyKey: string;
  /** At least one. */
  namespaces: string[];
  selector: LabelSelector;
}
/** 1 to 100 draws near, -1 to -100 keeps away. */
export interface WeightedPodTerm extends PodTerm {
  weight: number;
}
export interface WeightedNodeTerm {
  /** 1 to 100 */
  weight: number;
  matchExpressions: { key: string; operator: string; values?: string[] }[];
}
export interface SpreadConstraint {
  topologyKey: string;
  maxSkew: number;
  /** While there are fewer places than this, the emptiest counts as empty; 1 when the pod names none. */
  minDomains: number;
  /** A preference when false. */
  hard: boolean;
  selector: LabelSelector;
}
export interface PodConstraints {
  preferredNodes?: WeightedNodeTerm[];
  nearPods?: PodTerm[];
  awayFromPods?: PodTerm[];
  preferredPods?: WeightedPodTerm[];
  spread?: SpreadConstraint[];
  /** Whole amounts of resources other than cpu, memory and storage, by name. */
  extended?: Record<string, number>;
  /** Placed with all others of its group in the namespace, `size` at least, or not at all. */
  group?: { name: string; size: number };
  /** It waits rather than take the place of pods of lower priority. */
  neverPreempts?: true;
}

/** A pod that holds resources of a node, as far as others' placement asks. */
export interface PlacedPod {
  uid: string;
  namespace: string;
  name: string;
  node: string;
  labels: Record<string, string>;
  priority: number;
  cpuMillis: number;
  memoryBytes: number;
  storageBytes: number;
  extended?: Record<string, number>;
  /** Pods that it does not want in its place, which binds them too. */
  awayFromPods?: PodTerm[];
}
