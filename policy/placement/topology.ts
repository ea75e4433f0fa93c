// Where other pods already are, by the value of a topology label: what pod affinity, anti-affinity and spread are counted from.
import { selects } from '../labelSelector.js';
import type { AdmissionFacts, LedgerNode } from '../types.js';
import { affinityHolds, selectorHolds } from './nodeAffinity.js';
import { nodeLabel } from './nodeLabel.js';
import type { PlacedPod, PodConstraints, PodTerm, SpreadConstraint, WeightedPodTerm } from './podConstraints.js';

type Identity = Pick<PlacedPod, 'namespace' | 'labels'>;

export const termSelects = ({ namespaces, selector }: PodTerm, pod: Identity): boolean => namespaces.includes(pod.namespace) && selects(selector, pod.labels);

/** How many of the pods that `chosen` selects are in each place. */
function countByPlace(topologyKey: string, placed: readonly PlacedPod[], nodes: ReadonlyMap<string, LedgerNode>, chosen: (pod: PlacedPod) => boolean): Map<string, number> {
  const counts = new Map<string, number>();
  for (const pod of placed) {
    const node = nodes.get(pod.node);
    const place = node && nodeLabel(node, topologyKey);
    if (place !== undefined && chosen(pod)) counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
}

interface Counted<Term> {
  term: Term;
  counts: ReadonlyMap<string, number>;
  self: boolean;
}
export interface CountedSpread extends Counted<SpreadConstraint> {
  least: number;
}

/** Everything that the pod's own constraints and the others' anti-affinity need, counted once for all nodes. */
export interface Neighbourhood {
  near: Counted<PodTerm>[];
  away: Counted<PodTerm>[];
  preferred: Counted<WeightedPodTerm>[];
  spread: CountedSpread[];
  /** Places that another pod does not want this one in, by topology key. */
  repelled: ReadonlyMap<string, ReadonlySet<string>>;
}

function countSpread(term: SpreadConstraint, pod: NonNullable<AdmissionFacts['pod']>, me: Identity, placed: readonly PlacedPod[], nodes: ReadonlyMap<string, LedgerNode>): CountedSpread {
  const eligible = [...nodes.values()].filter((node) => selectorHolds(pod.nodeSelector, node) && affinityHolds(pod.requiredNodeAffinity, node));
  const places = new Set(eligible.flatMap((node) => nodeLabel(node, term.topologyKey) ?? []));
  const counts = countByPlace(term.topologyKey, placed, nodes, (other) => other.namespace === me.namespace && selects(term.selector, other.labels));
  const least = places.size < term.minDomains ? 0 : [...places].reduce((least_, place) => Math.min(least_, counts.get(place) ?? 0), Number.MAX_SAFE_INTEGER);
  return { term, counts, self: selects(term.selector, me.labels), least: places.size === 0 ? 0 : least };
}

/** Places that other pods do not want this one in, by topology key. */
function repelledPlaces(repelling: readonly PlacedPod[], me: Identity, nodes: ReadonlyMap<string, LedgerNode>): Map<string, Set<string>> {
  const repelled = new Map<string, Set<string>>();
  for (const other of repelling) {
    const node = nodes.get(other.node);
    for (const term of other.awayFromPods ?? []) {
      const place = node && termSelects(term, me) ? nodeLabel(node, term.topologyKey) : undefined;
      if (place === undefined) continue;
      const places = repelled.get(term.topologyKey) ?? new Set<string>();
      repelled.set(term.topologyKey, places.add(place));
    }
  }
  return repelled;
}

/** `repelling` are the placed pods that have `awayFromPods`; `placed` is asked for only when the pod has constraints on others. */
export function neighbourhood(
  { pod, object: { namespace } }: AdmissionFacts,
  nodes: readonly LedgerNode[],
  others: { placed: () => readonly PlacedPod[]; repelling: readonly PlacedPod[] },
): Neighbourhood | undefined {
  const { nearPods = [], awayFromPods = [], preferredPods = [], spread = [] }: PodConstraints = pod!.constraints ?? {};
  const own = nearPods.length + awayFromPods.length + preferredPods.length + spread.length > 0;
  if (!own && others.repelling.length === 0) return undefined;
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const placed = own ? others.placed() : [];
  const me = { namespace, labels: pod!.labels };
  const counted = <Term extends PodTerm>(term: Term): Counted<Term> => ({
    term,
    counts: countByPlace(term.topologyKey, placed, byName, (other) => termSelects(term, other)),
    self: termSelects(term, me),
  });
  return {
    near: nearPods.map(counted),
    away: awayFromPods.map(counted),
    preferred: preferredPods.map(counted),
    spread: spread.map((term) => countSpread(term, pod!, me, placed, byName)),
    repelled: repelledPlaces(others.repelling, me, byName),
  };
}

function affinityFault({ near, away, repelled }: Neighbourhood, node: LedgerNode): string | undefined {
  // The first of a group that wants to be together finds nobody: it may begin anywhere that has the label.
  const first = near.every(({ counts, self }) => self && counts.size === 0);
  for (const { term, counts } of near) {
    const place = nodeLabel(node, term.topologyKey);
    if (place === undefined || (!first && !counts.has(place))) return 'without the pods that it must be near';
  }
  const inPlace = (topologyKey: string, places: { has(place: string): boolean }): boolean => {
    const place = nodeLabel(node, topologyKey);
    return place !== undefined && places.has(place);
  };
  if (away.some(({ term, counts }) => inPlace(term.topologyKey, counts))) return 'with pods that it must be away from';
  if ([...repelled].some(([topologyKey, places]) => inPlace(topologyKey, places))) return 'with pods that must be away from it';
  return undefined;
}

function spreadFault({ spread }: Neighbourhood, node: LedgerNode): string | undefined {
  for (const { term, counts, self, least } of spread) {
    if (!term.hard) continue;
    const place = nodeLabel(node, term.topologyKey);
    if (place === undefined) return `without the label ${term.topologyKey} that it is spread over`;
    if ((counts.get(place) ?? 0) + (self ? 1 : 0) - least > term.maxSkew) return `beyond the spread over ${term.topologyKey}`;
  }
  return undefined;
}

/** Why the node is no place beside those that are placed; undefined when it is one. */
export function neighbourFault(neighbours: Neighbourhood, node: LedgerNode): string | undefined {
  return affinityFault(neighbours, node) ?? spreadFault(neighbours, node);
}

/** Summed weight of the preferred pods in the node's places. */
export function podsDrawn({ preferred }: Neighbourhood, node: LedgerNode): number {
  let sum = 0;
  for (const { term, counts } of preferred) sum += term.weight * (counts.get(nodeLabel(node, term.topologyKey) ?? '') ?? 0);
  return sum;
}

/** How many pods that it is to be spread from are in the node's places; a node without the label counts as fullest. */
export function crowding({ spread }: Neighbourhood, node: LedgerNode): number {
  let sum = 0;
  for (const { term, counts } of spread) {
    const place = nodeLabel(node, term.topologyKey);
    sum += place === undefined ? Math.max(0, ...counts.values()) + 1 : (counts.get(place) ?? 0);
  }
  return sum;
}
