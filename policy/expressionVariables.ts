// What the CEL expressions of policies and rules may read: the declared variables with their types, their values from recorded facts, and how large they can be.
import { Environment } from '@marcbachmann/cel-js';
import type { AdmissionFacts, AgreementFacts, ContainerFacts, FlowFacts, NodeFacts, PodFacts } from './types.js';

/** What an expression is evaluated on. The same object for all the expressions of one verdict. */
export interface ExpressionInput {
  facts: AdmissionFacts;
  /** The node under consideration: at placement only, for it is never recorded but follows from the ledger. */
  node: NodeFacts | null;
  /** In force, among those the data names. */
  agreements: readonly AgreementFacts[];
  /** The flow that a TrafficRule is asked about; null for a BisoPolicy. */
  flow: FlowFacts | null;
}
/** A policy's requirement may ask for the node; a TrafficRule's condition is about a flow, which has none. */
export type ExpressionUse = 'requirement' | 'condition';

const LIMITS = { maxAstNodes: 300, maxDepth: 24 };
const STRINGS = 'map<string, string>';

const CONTAINER_DEFAULTS = {
  kind: 'container', privileged: false, allowPrivilegeEscalation: true, runAsNonRoot: false, readOnlyRootFilesystem: false, capabilitiesAdded: [],
  capabilitiesDropped: [], seccompProfile: '', appArmorProfile: '', procMount: '', hostProcess: false, probeHosts: [],
};

/** A container with everything that Kubernetes fills in, so that an expression need not ask whether a field is there. */
class Container {
  constructor({ limits = {}, seLinux = {}, hostPorts = [], runAsUser = -1, ...facts }: ContainerFacts) {
    Object.assign(this, CONTAINER_DEFAULTS, facts, {
      cpuLimitMillis: BigInt(limits.cpuMillis ?? 0),
      memoryLimitBytes: BigInt(limits.memoryBytes ?? 0),
      runAsUser: BigInt(runAsUser),
      seLinuxType: seLinux.type ?? '',
      seLinuxUser: seLinux.user ?? '',
      seLinuxRole: seLinux.role ?? '',
      hostPorts: hostPorts.map(BigInt),
    });
  }
}

class Agreement {
  constructor({ validUntil, ...facts }: AgreementFacts) {
    Object.assign(this, facts, { validUntil: BigInt(validUntil) });
  }
}

const common = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS })
  .registerType('Container', {
    ctor: Container,
    fields: {
      name: 'string', image: 'string', kind: 'string', cpuLimitMillis: 'int', memoryLimitBytes: 'int', privileged: 'bool', allowPrivilegeEscalation: 'bool',
      runAsNonRoot: 'bool', runAsUser: 'int', readOnlyRootFilesystem: 'bool', capabilitiesAdded: 'list<string>', capabilitiesDropped: 'list<string>',
      seccompProfile: 'string', appArmorProfile: 'string', procMount: 'string', seLinuxType: 'string', seLinuxUser: 'string', seLinuxRole: 'string',
      hostPorts: 'list<int>', hostProcess: 'bool', probeHosts: 'list<string>',
    },
  })
  .registerType('Agreement', {
    ctor: Agreement,
    fields: {
      name: 'string', agreementId: 'string', version: 'string', parties: 'list<string>', jurisdiction: 'string', classifications: 'list<string>',
      regions: 'list<string>', regulations: 'list<string>', validUntil: 'int',
    },
  })
  .registerVariable({
    name: 'pod',
    schema: {
      labels: STRINGS, nodeSelector: STRINGS, pinnedRegions: 'list<string>', images: 'list<string>', containers: 'list<Container>', volumeTypes: 'list<string>',
      sysctls: 'list<string>', cpuMillis: 'int', memoryBytes: 'int', storageBytes: 'int', schedulerName: 'string', serviceAccount: 'string',
      hostNamespaces: 'bool', privileged: 'bool', priority: 'int',
    },
  })
  .registerVariable({
    name: 'data',
    schema: {
      classification: 'string', sourceRegion: 'string', destinationRegions: 'list<string>', operationType: 'string', regulations: 'list<string>',
      agreements: 'list<string>',
    },
  })
  .registerVariable({ name: 'namespaceObject', schema: { name: 'string', labels: STRINGS } })
  .registerVariable({ name: 'request', schema: { operation: 'string', user: 'string', time: 'int' } })
  .registerVariable('agreements', 'list<Agreement>');

export const environments: Readonly<Record<ExpressionUse, Environment>> = {
  requirement: common.clone().registerVariable({ name: 'node', schema: { name: 'string', region: 'string', zone: 'string', labels: STRINGS, operator: 'string' } }),
  condition: common.clone().registerVariable({
    name: 'flow',
    schema: {
      sourceRegion: 'string', destinationRegion: 'string', destinationClassification: 'string', encrypted: 'bool', requestsPerSecond: 'int',
      bytesPerSecond: 'int', budget: 'int', healthy: 'bool',
    },
  }),
};

export const VARIABLES: Readonly<Record<ExpressionUse, string>> = {
  requirement: 'pod, data, namespaceObject, request, agreements and node',
  condition: 'pod, data, namespaceObject, request, agreements and flow',
};

/** How long a text, list or map of the facts can be; `item` is what is in it, `fields` what is below it. Numbers and truth values have length 1. */
export interface Bound {
  length: number;
  item?: Bound;
  fields?: Readonly<Record<string, Bound>>;
}
const textOf = (length: number): Bound => ({ length });
const listOf = (length: number, item: Bound): Bound => ({ length, item });
const labels = listOf(256, textOf(63));
const names = (length: number, each: number) => listOf(length, textOf(each));

/** The bounds that the ledger puts on recorded facts. */
export const BOUNDS: Readonly<Record<string, Bound>> = {
  pod: {
    length: 1,
    fields: {
      labels, nodeSelector: labels, pinnedRegions: names(16, 63), images: names(256, 512), volumeTypes: names(64, 128), sysctls: names(64, 253),
      containers: listOf(64, {
        length: 1,
        fields: {
          name: textOf(253), image: textOf(512), capabilitiesAdded: names(48, 32), capabilitiesDropped: names(48, 32), hostPorts: names(64, 1),
          probeHosts: names(16, 253), seccompProfile: textOf(128), appArmorProfile: textOf(128), procMount: textOf(128), seLinuxType: textOf(128),
          seLinuxUser: textOf(128), seLinuxRole: textOf(128),
        },
      }),
      schedulerName: textOf(253), serviceAccount: textOf(253),
    },
  },
  data: { length: 1, fields: { classification: textOf(12), sourceRegion: textOf(6), destinationRegions: names(4, 6), operationType: textOf(9), regulations: names(32, 32), agreements: names(32, 253) } },
  namespaceObject: { length: 1, fields: { name: textOf(63), labels } },
  request: { length: 1, fields: { operation: textOf(10), user: textOf(1024) } },
  agreements: listOf(32, {
    length: 1,
    fields: { name: textOf(253), agreementId: textOf(128), version: textOf(64), parties: names(16, 253), jurisdiction: textOf(64), classifications: names(4, 12), regions: names(4, 6), regulations: names(32, 32) },
  }),
  node: { length: 1, fields: { name: textOf(253), region: textOf(6), zone: textOf(63), labels, operator: textOf(64) } },
  flow: { length: 1, fields: { sourceRegion: textOf(6), destinationRegion: textOf(6), destinationClassification: textOf(12) } },
};

const NO_POD: PodFacts = {
  labels: {}, nodeSelector: {}, pinnedRegions: [], tolerations: [], requiredNodeAffinity: [], cpuMillis: 0, memoryBytes: 0, storageBytes: 0,
  images: [], containers: [], schedulerName: '', serviceAccount: '', hostNamespaces: false, privileged: false, priority: 0,
};
const NO_DATA = { classification: '', sourceRegion: '', destinationRegions: [], operationType: '', regulations: [], agreements: [] };
const NO_FLOW: FlowFacts = { sourceRegion: '', destinationRegion: '', destinationClassification: '', encrypted: false, requestsPerSecond: 0, bytesPerSecond: 0, budget: 0, healthy: true };

/** Region the pod's node is in, as far as the request decides it. */
export function nodeRegionOf({ node, facts: { pod } }: Pick<ExpressionInput, 'node' | 'facts'>): string | undefined {
  return node?.region ?? (pod?.pinnedRegions?.length === 1 ? pod.pinnedRegions[0] : undefined);
}

/** A record without containers has none to read, so that a rule which asks for them cannot be evaluated rather than be met. */
function podContext(pod: PodFacts): Record<string, unknown> {
  const { containers, ...rest } = pod;
  return {
    ...rest,
    ...(containers ? { containers: containers.map((container) => new Container(container)) } : {}),
    volumeTypes: pod.volumeTypes ?? [],
    sysctls: pod.sysctls ?? [],
    pinnedRegions: pod.pinnedRegions ?? [],
    cpuMillis: BigInt(pod.cpuMillis),
    memoryBytes: BigInt(pod.memoryBytes),
    storageBytes: BigInt(pod.storageBytes),
    priority: BigInt(pod.priority),
  };
}

function flowContext(flow: FlowFacts): Record<string, unknown> {
  return { ...flow, requestsPerSecond: BigInt(flow.requestsPerSecond), bytesPerSecond: BigInt(flow.bytesPerSecond), budget: BigInt(flow.budget) };
}

const contexts = new WeakMap<ExpressionInput, Record<string, unknown>>();

/** Whole numbers become CEL ints. A request without a pod or data has empty ones, so that a rule sees nothing rather than failing. */
export function contextOf(input: ExpressionInput): Record<string, unknown> {
  const known = contexts.get(input);
  if (known) return known;
  const { facts, agreements, flow, node } = input;
  const context = {
    pod: podContext(facts.pod ?? NO_POD),
    data: facts.data ?? NO_DATA,
    namespaceObject: facts.namespace,
    request: { operation: facts.operation, user: facts.user, time: BigInt(facts.time) },
    agreements: agreements.map((agreement) => new Agreement(agreement)),
    node: { name: node?.name ?? '', region: nodeRegionOf(input) ?? '', zone: node?.zone ?? '', labels: node?.labels ?? {}, operator: node?.operator ?? '' },
    flow: flowContext(flow ?? NO_FLOW),
  };
  contexts.set(input, context);
  return context;
}
