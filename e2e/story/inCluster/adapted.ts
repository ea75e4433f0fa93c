// An example as it is applied in a cluster that others use: under a name of the story's own, about the story's namespace alone, gone with it. Pure.
import type { StoryObject } from '../clusterAccess.js';

export interface Adaptation {
  /** Where the namespaced objects go, and the only one that policies, rules and enforcement are about. */
  namespace: { name: string; uid: string };
  /** Where the examples' EU is. */
  home: string;
  /** Image, command and rights of every container. */
  container: Readonly<Record<string, unknown>>;
  /** Of this cluster's chain. */
  validators: { endpoints: readonly string[]; finalityThreshold: number };
  /** One for each telling: the chain takes no cluster and no version of an agreement twice. */
  clusterId: string;
  /** RFC 3339. */
  agreement: { validFrom: string; validUntil: string };
}

type Fields = Record<string, unknown>;
const part = (value: unknown) => value as Fields;
const ABROAD = 'EU';
const REAL_NODE = 'enc.metanode.io/runtime';
const REGION = 'topology.kubernetes.io/region';

export const namedIn = (namespace: string, name: string): string => `${namespace}-${name}`;

/** The home and the EU change places. */
const moved = <T>(value: T, home: string): T =>
  JSON.parse(JSON.stringify(value), (_, text: unknown) => (text === ABROAD ? home : text === home ? ABROAD : text)) as T;

export function adapted(example: StoryObject, adaptation: Adaptation): StoryObject {
  const object = moved(example, adaptation.home);
  const { name, uid } = adaptation.namespace;
  const spec = part(object.spec);
  const named = (names: unknown) => (names as string[]).map((one) => namedIn(name, one));
  if (object.kind === 'Workload') {
    object.metadata.namespace = name;
    spec.clusterRef = namedIn(name, spec.clusterRef as string);
    if (spec.agreementRefs) spec.agreementRefs = named(spec.agreementRefs);
    const pod = part(part(spec.template).spec);
    const pinned = pod.nodeSelector as Fields | undefined;
    delete pinned?.[REAL_NODE];
    // A kubelet takes no pod whose nodeSelector its own node's labels do not meet, and nobody may have labelled these.
    if (pinned?.[REGION] === adaptation.home) delete pinned[REGION];
    pod.containers = (pod.containers as Fields[]).map((container) => ({ ...container, ...adaptation.container }));
    return object;
  }
  object.metadata.name = namedIn(name, object.metadata.name);
  // Whatever becomes of the story, they go when its namespace goes.
  object.metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'Namespace', name, uid }];
  clusterWide[object.kind]?.(spec, adaptation, named);
  return object;
}

const only = (namespace: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } });

const clusterWide: Record<string, (spec: Fields, adaptation: Adaptation, named: (names: unknown) => string[]) => void> = {
  EncCluster(spec, { namespace, validators, clusterId }) {
    Object.assign(spec, { clusterId, enforcedNamespaceSelector: only(namespace.name), agreementBindings: [] });
    Object.assign(part(spec.validators), { size: validators.endpoints.length, ...validators });
  },
  BisoPolicy(spec, { namespace }) {
    for (const rule of spec.rules as Fields[]) rule.match = { ...part(rule.match), namespaceSelector: only(namespace.name) };
  },
  TrafficRule(spec, { namespace }) {
    spec.source = { ...part(spec.source), namespaceSelector: only(namespace.name) };
  },
  Agreement(spec, { agreement, clusterId }, named) {
    const terms = part(spec.terms);
    spec.agreementId = `${spec.agreementId as string}-${clusterId}`;
    Object.assign(terms, agreement, { requiredPolicies: named(terms.requiredPolicies) });
  },
};
