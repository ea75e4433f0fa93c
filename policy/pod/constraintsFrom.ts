// Reads what a pod asks of its place besides room, in the form that placement weighs; and names what it does not weigh.
import type { LabelSelector, LabelSelectorRequirement } from '../../api/index.js';
import { ANNOTATIONS, LABELS } from '../../api/labels.js';
import type { PodConstraints, PodTerm, SpreadConstraint, WeightedNodeTerm, WeightedPodTerm } from '../placement/podConstraints.js';
import { extendedRequests } from './effectiveRequests.js';
import type { PodLike, PodSpecLike, PodTermLike, SpreadLike } from './podLike.js';

/** A selector that is left out selects no pod, as in Kubernetes. */
const NOBODY: LabelSelector = { matchExpressions: [{ key: 'none', operator: 'In', values: [] }] };

type Labels = Readonly<Record<string, string>>;

/** matchLabelKeys stand for the pod's own values; the API server has merged them where it knows how to, and twice is as once. */
function selectorOf({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: PodTermLike | SpreadLike, labels: Labels): LabelSelector {
  if (!labelSelector) return NOBODY;
  const own = (keys: readonly string[], operator: 'In' | 'NotIn') =>
    keys.filter((key) => Object.hasOwn(labels, key)).map((key): LabelSelectorRequirement => ({ key, operator, values: [labels[key]!] }));
  const { matchLabels = {}, matchExpressions = [] } = labelSelector;
  const expressions = [
    ...matchExpressions.map(({ key, operator, values }): LabelSelectorRequirement => ({ key, operator, ...(values ? { values } : {}) })),
    ...own(matchLabelKeys, 'In'),
    ...own(mismatchLabelKeys, 'NotIn'),
  ];
  return {
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
    ...(expressions.length > 0 ? { matchExpressions: expressions } : {}),
  };
}

const termOf = (namespace: string, labels: Labels) => (term: PodTermLike): PodTerm => ({
  topologyKey: term.topologyKey ?? '',
  namespaces: term.namespaces?.length ? term.namespaces.toSorted() : [namespace],
  selector: selectorOf(term, labels),
});

const spreadOf = (labels: Labels) => (term: SpreadLike): SpreadConstraint => ({
  topologyKey: term.topologyKey ?? '',
  maxSkew: term.maxSkew ?? 1,
  minDomains: term.minDomains ?? 1,
  hard: term.whenUnsatisfiable !== 'ScheduleAnyway',
  selector: selectorOf(term, labels),
});

function preferredPods({ affinity }: PodSpecLike, read: (term: PodTermLike) => PodTerm): WeightedPodTerm[] {
  const weighted = (kind: 'podAffinity' | 'podAntiAffinity', sign: 1 | -1) =>
    (affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight = 1, podAffinityTerm = {} }) => ({ ...read(podAffinityTerm), weight: sign * weight }));
  return [...weighted('podAffinity', 1), ...weighted('podAntiAffinity', -1)];
}

function groupOf({ metadata }: PodLike): PodConstraints['group'] {
  const name = metadata?.labels?.[LABELS.podGroup];
  const size = Number(metadata?.annotations?.[ANNOTATIONS.podGroupSize]);
  return name === undefined || !Number.isInteger(size) || size < 1 ? undefined : { name, size };
}

const preferredNodes = ({ affinity }: PodSpecLike): WeightedNodeTerm[] =>
  (affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight = 1, preference: { matchExpressions = [], matchFields = [] } = {} }) => ({
    weight,
    matchExpressions: [...matchExpressions, ...matchFields.map((field) => ({ ...field, key: `field:${field.key}` }))],
  }));

const required = ({ affinity }: PodSpecLike, kind: 'podAffinity' | 'podAntiAffinity') => affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** undefined when it asks for nothing of the kind. Throws QuantityError. */
export function constraintsFrom(pod: PodLike): PodConstraints | undefined {
  const { metadata, spec = {} } = pod;
  const labels = metadata?.labels ?? {};
  const read = termOf(metadata?.namespace ?? '', labels);
  const lists = {
    preferredNodes: preferredNodes(spec),
    nearPods: required(spec, 'podAffinity').map(read),
    awayFromPods: required(spec, 'podAntiAffinity').map(read),
    preferredPods: preferredPods(spec, read),
    spread: (spec.topologySpreadConstraints ?? []).map(spreadOf(labels)),
  };
  const extended = extendedRequests(spec);
  const group = groupOf(pod);
  const constraints: PodConstraints = {
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...(Object.keys(extended).length > 0 ? { extended } : {}),
    ...(group ? { group } : {}),
    ...(spec.preemptionPolicy === 'Never' ? { neverPreempts: true } : {}),
  };
  return Object.keys(constraints).length > 0 ? constraints : undefined;
}

/** Hard constraints that certified placement does not weigh: ignoring them in silence would be worse than refusing. */
export function unweighedConstraints({ metadata, spec = {} }: PodLike): string[] {
  const { topologySpreadConstraints = [], resourceClaims = [] } = spec;
  const bySelector = (['podAffinity', 'podAntiAffinity'] as const).filter((kind) =>
    required(spec, kind).some(({ namespaceSelector }) => (namespaceSelector ?? null) !== null));
  const policies = topologySpreadConstraints.some(({ whenUnsatisfiable, nodeAffinityPolicy, nodeTaintsPolicy }) =>
    whenUnsatisfiable !== 'ScheduleAnyway' && (nodeAffinityPolicy === 'Ignore' || nodeTaintsPolicy === 'Honor'));
  const group = metadata?.labels?.[LABELS.podGroup] !== undefined && groupOf({ metadata }) === undefined;
  return [
    ...bySelector.map((kind) => `a namespaceSelector in spec.affinity.${kind}`),
    ...(policies ? ['nodeAffinityPolicy Ignore or nodeTaintsPolicy Honor in spec.topologySpreadConstraints'] : []),
    ...(resourceClaims.length > 0 ? ['spec.resourceClaims'] : []),
    ...(group ? [`label ${LABELS.podGroup} without a whole number from 1 in annotation ${ANNOTATIONS.podGroupSize}`] : []),
  ];
}
