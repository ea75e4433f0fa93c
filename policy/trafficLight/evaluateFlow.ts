// The compliance pipeline for a flow of data that is no pod's: court → BISO → traffic light, by both ends and by what was measured (the plan's TrafficLightDecision).
import { enforcingCluster } from '../enforcingCluster.js';
import { evaluate } from '../evaluate.js';
import { FLOW_OPERATION } from '../types.js';
import type { AdmissionFacts, Classification, DataFacts, LiveFacts, PodFacts, PolicySet, Verdict } from '../types.js';

export interface FlowEndFacts {
  region: string;
  /** Highest class it is cleared for; null where it says nothing. */
  classification: Classification | null;
  namespace: { name: string; labels: Record<string, string> };
  /** Of whatever sends or takes the data there. */
  labels: Record<string, string>;
}

/** The recorded inputs of one flow decision; with the PolicySet at the verdict's height they determine it completely. */
export interface FlowRequest {
  /** UUID. */
  decisionId: string;
  /** ms since the epoch, the deciding program's clock. */
  time: number;
  /** Who asked, as it called itself. */
  requester: string;
  data: Pick<DataFacts, 'classification' | 'operationType' | 'regulations' | 'agreements'>;
  source: FlowEndFacts;
  destination: FlowEndFacts;
  live: LiveFacts;
}

const ENCRYPTION_LABEL = 'enc.metanode.io/encryption-in-transit';

/** A flow has no containers and no sizes; of a pod's facts it has the labels of its sender. */
function senderFacts({ source, live }: FlowRequest): PodFacts {
  return {
    labels: live.encrypted === true ? { ...source.labels, [ENCRYPTION_LABEL]: 'required' } : source.labels,
    nodeSelector: {}, pinnedRegions: null, tolerations: [], requiredNodeAffinity: [], cpuMillis: 0, memoryBytes: 0, storageBytes: 0, images: [], containers: [],
    schedulerName: '', serviceAccount: '', hostNamespaces: false, privileged: false, priority: 0,
  };
}

/** The cluster is the one that enforces the sender's namespace, whatever the request says. */
function factsOf(set: PolicySet, request: FlowRequest): AdmissionFacts {
  const { decisionId, time, requester, data, source, destination } = request;
  return {
    operation: FLOW_OPERATION, time, requestUid: decisionId, user: requester,
    cluster: enforcingCluster(set, source.namespace) ?? '',
    namespace: source.namespace,
    object: { kind: 'Flow', namespace: source.namespace.name, name: decisionId, uid: decisionId, specHash: '' },
    workload: null,
    data: { ...data, sourceRegion: source.region, destinationRegions: [destination.region] },
    pod: senderFacts(request),
    guards: [],
  };
}

export function evaluateFlow(set: PolicySet, request: FlowRequest): Verdict {
  const { source, destination, live } = request;
  return evaluate(set, factsOf(set, request), {
    ends: {
      other: { labels: destination.labels, namespaceLabels: destination.namespace.labels },
      sourceClearance: source.classification,
      destinationClearance: destination.classification,
      live,
    },
  });
}
