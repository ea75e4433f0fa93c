// Reads the facts about a pod that policies and placement ask for.
import { LABELS } from '../../api/labels.js';
import type { PodFacts } from '../types.js';
import { constraintsFrom } from './constraintsFrom.js';
import { containerFacts, sysctlsOf, volumeTypesOf } from './containerFacts.js';
import { effectiveRequests } from './effectiveRequests.js';
import type { NodeSelectorTermLike, PodLike, PodSpecLike } from './podLike.js';

/** Regions one term allows; null when the term leaves the region open. */
function regionsOfTerm({ matchExpressions = [] }: NodeSelectorTermLike): string[] | null {
  const onRegion = (operator: string) => matchExpressions.filter((expression) => expression.key === LABELS.region && expression.operator === operator).map(({ values = [] }) => values);
  const [first, ...more] = onRegion('In');
  const not = onRegion('NotIn').flat();
  return first ? first.filter((region) => more.every((values) => values.includes(region)) && !not.includes(region)) : null;
}

const requiredTerms = ({ affinity }: PodSpecLike) => affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

/** Regions the pod pins itself to by node selector and required node affinity, sorted; null when the choice is open, empty when they contradict each other. */
export function pinnedRegions(spec: PodSpecLike): string[] | null {
  const selected = spec.nodeSelector?.[LABELS.region];
  const terms = requiredTerms(spec).map(regionsOfTerm);
  const byAffinity = terms.length === 0 || terms.includes(null) ? null : [...new Set(terms.flatMap((regions) => regions!))].toSorted();
  if (selected === undefined) return byAffinity;
  return byAffinity === null || byAffinity.includes(selected) ? [selected] : [];
}

/** matchFields, of which Kubernetes knows only metadata.name, become expressions on a key that no label can have. */
function affinityTerms(spec: PodSpecLike): PodFacts['requiredNodeAffinity'] {
  return requiredTerms(spec).map(({ matchExpressions = [], matchFields = [] }) => ({
    matchExpressions: [...matchExpressions, ...matchFields.map((field) => ({ ...field, key: `field:${field.key}` }))]
      .map(({ key, operator, values }) => (values === undefined ? { key, operator } : { key, operator, values })),
  }));
}

/** Throws QuantityError when a resource request cannot be read. */
export function podFactsFrom(pod: PodLike): PodFacts {
  const { metadata, spec = {} } = pod;
  const constraints = constraintsFrom(pod);
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
  return {
    labels: metadata?.labels ?? {},
    nodeSelector: spec.nodeSelector ?? {},
    pinnedRegions: pinnedRegions(spec),
    tolerations: (spec.tolerations ?? []).map(({ key, operator, value, effect }) => ({
      ...(key === undefined ? {} : { key }),
      ...(operator === undefined ? {} : { operator }),
      ...(value === undefined ? {} : { value }),
      ...(effect === undefined ? {} : { effect }),
    })),
    requiredNodeAffinity: affinityTerms(spec),
    ...effectiveRequests(spec),
    images: [...new Set(containers.map(({ image }) => image ?? ''))].toSorted(),
    containers: containerFacts(spec),
    ...volumeTypesOf(spec),
    ...sysctlsOf(spec),
    schedulerName: spec.schedulerName ?? '',
    serviceAccount: spec.serviceAccountName ?? '',
    hostNamespaces: Boolean(spec.hostNetwork || spec.hostPID || spec.hostIPC),
    privileged: containers.some(({ securityContext }) => securityContext?.privileged === true),
    priority: spec.priority ?? 0,
    ...(constraints ? { constraints } : {}),
  };
}
