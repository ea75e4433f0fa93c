// The words of a policy decision: what is asked, what was evaluated, and the verdict (the plan: PolicyEvaluationRequest, TrafficLightDecision, ComplianceResult).
import type { PodConstraints } from './placement/podConstraints.js';
import type { AgreementSpec, BisoPolicySpec, EncClusterSpec, PolicyExceptionSpec, TrafficRuleSpec } from '../api/index.js';

export type Light = 'Green' | 'Yellow' | 'Red';
export type Classification = 'Public' | 'Internal' | 'Confidential' | 'Restricted';
export type ViolationAction = 'reject_workload' | 'migrate_workload' | 'terminate_connection' | 'audit';
export type AgreementState = 'InForce' | 'Breached' | 'Expired' | 'Terminated';

export interface Named<Spec> {
  name: string;
  uid: string;
  generation: number;
  spec: Spec;
}

/** Everything in force that a verdict depends on besides its facts. Immutable; `policyHeight` is the block height at which it last changed. */
export interface PolicySet {
  policyHeight: number;
  clusters: Named<EncClusterSpec>[];
  agreements: (Named<AgreementSpec> & { state: AgreementState; hash: string })[];
  policies: Named<BisoPolicySpec>[];
  rules: Named<TrafficRuleSpec>[];
  exceptions?: Named<PolicyExceptionSpec>[];
}

/** What the data is and where it goes (the plan's PolicyEvaluationRequest, for a pod or for a bare flow). */
export interface DataFacts {
  classification: Classification;
  /** Region the data belongs to: US, EU, APAC or Global. */
  sourceRegion: string;
  /** Regions the data is sent to, besides the place it is processed at. */
  destinationRegions: string[];
  operationType: string;
  regulations: string[];
  /** Names of the Agreements it is processed under. */
  agreements: string[];
}

/**
 * What policies ask of one container. Pod-level settings are applied already; what is not set is left out of the record and reads
 * in an expression as what Kubernetes then does.
 */
export interface ContainerFacts {
  name: string;
  image: string;
  /** Left out for an ordinary one. */
  kind?: 'init' | 'sidecar' | 'ephemeral';
  /** Only what the container states; 0 is stated as nothing. */
  limits?: { cpuMillis?: number; memoryBytes?: number };
  privileged?: true;
  /** Kubernetes' default is true. */
  allowPrivilegeEscalation?: boolean;
  runAsNonRoot?: boolean;
  runAsUser?: number;
  readOnlyRootFilesystem?: true;
  /** Sorted, without the prefix CAP_. */
  capabilitiesAdded?: string[];
  capabilitiesDropped?: string[];
  /** RuntimeDefault, Localhost or Unconfined. */
  seccompProfile?: string;
  appArmorProfile?: string;
  procMount?: string;
  /** type, and user or role when one is set. */
  seLinux?: { type?: string; user?: string; role?: string };
  hostPorts?: number[];
  /** A Windows container that runs as a process of its host. */
  hostProcess?: true;
  /** Hosts that its probes and lifecycle hooks call instead of the pod itself; sorted. */
  probeHosts?: string[];
}

export interface PodFacts {
  labels: Record<string, string>;
  nodeSelector: Record<string, string>;
  /** Regions the pod pins itself to by node selector or required affinity; null when it leaves the choice open. */
  pinnedRegions: string[] | null;
  tolerations: { key?: string; operator?: string; value?: string; effect?: string }[];
  /** Required node affinity, as nodeSelectorTerms of the pod (JSON, canonical), empty when none. */
  requiredNodeAffinity: { matchExpressions?: { key: string; operator: string; values?: string[] }[] }[];
  cpuMillis: number;
  memoryBytes: number;
  storageBytes: number;
  images: string[];
  /** In the pod's order: init containers, containers, ephemeral ones. Absent in records of before policies could ask for it: such a question is refused. */
  containers?: ContainerFacts[];
  /** Kinds of its volumes as the API names them (configMap, hostPath, …), sorted, each once; absent when it has none. */
  volumeTypes?: string[];
  /** Names of the kernel parameters it sets, sorted; absent when it sets none. */
  sysctls?: string[];
  schedulerName: string;
  serviceAccount: string;
  hostNamespaces: boolean;
  privileged: boolean;
  priority: number;
  /** Absent when it has none. */
  constraints?: PodConstraints;
}

/** What policies may ask of a node: region, zone and operator are its commitment's, labels are reported by its agent. */
export type NodeFacts = Pick<LedgerNode, 'name' | 'region' | 'zone' | 'labels' | 'operator'>;

/** `operation` of the facts of a flow that is no pod's. */
export const FLOW_OPERATION = 'FLOW';

/** What policies may ask of an Agreement. */
export interface AgreementFacts {
  name: string;
  agreementId: string;
  version: string;
  /** Names of its parties. */
  parties: string[];
  jurisdiction: string;
  classifications: string[];
  regions: string[];
  regulations: string[];
  /** ms since the epoch. */
  validUntil: number;
}

/** What was measured of a flow when it was decided on; null: not measured. */
export interface LiveFacts {
  encrypted: boolean | null;
  requestsPerSecond: number | null;
  bytesPerSecond: number | null;
  /** µBPI that the sender has left for flows. */
  budget: number | null;
  /** Of the destination. */
  healthy: boolean | null;
}

/** The flow that a TrafficRule's expression is asked about; what was not measured is as unfavourable as can be. */
export interface FlowFacts {
  sourceRegion: string;
  destinationRegion: string;
  /** Highest class the destination is cleared for; the data's own where it says nothing. */
  destinationClassification: string;
  encrypted: boolean;
  requestsPerSecond: number;
  bytesPerSecond: number;
  /** µBPI that the sender has left for flows. */
  budget: number;
  healthy: boolean;
}

/** The recorded inputs of one admission verdict; with the PolicySet at `policyHeight` they determine the verdict completely. JSON of integers and strings only. */
export interface AdmissionFacts {
  /** 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT' | 'BIND' */
  operation: string;
  /** Milliseconds since the epoch, the answering webhook's clock; validators refuse a verdict whose time is far from theirs. */
  time: number;
  requestUid: string;
  user: string;
  /** Name of the EncCluster whose selector enforces the namespace; null when none does. */
  cluster: string | null;
  namespace: { name: string; labels: Record<string, string> };
  object: { kind: string; namespace: string; name: string; uid: string; specHash: string };
  /** Set when a Workload on the ledger owns the pod. */
  workload: { name: string; uid: string } | null;
  data: DataFacts | null;
  pod: PodFacts | null;
  /** Where a binding would put which pod; of 'BIND' alone, which always has it. '' is what the request left out. */
  binding?: { node: string; podUid: string };
  /** Why the request is refused before any policy is asked (nodeName preset, wrong scheduler, missing classification, ...), already with its cure. */
  guards: Violation[];
}

/** One reason to refuse or to warn, complete enough to quote. */
export interface Violation {
  /** 'BisoPolicy' | 'TrafficRule' | 'Agreement' | 'EncCluster' | 'Guard' */
  kind: string;
  /** Object name, or the guard's code. */
  name: string;
  rule: string;
  /** The clause's text as the object states it. */
  clause: string;
  /** e.g. 'GDPR Art. 44'; empty when none is named. */
  regulation: string;
  message: string;
  cure: string;
  action: ViolationAction;
}

export interface RuleEvaluation {
  kind: string;
  name: string;
  rule: string;
  /** 'pass' | 'violation' | 'no-match' | 'error'; an error refuses. */
  outcome: 'pass' | 'violation' | 'no-match' | 'error';
  reason: string;
}

export interface Obligation {
  /** e.g. encrypt, rate-limit, notify, second-approval, expire */
  type: string;
  parameters: Record<string, string>;
  /** TrafficRule that imposes it. */
  rule: string;
}

export interface FlowDecision {
  sourceRegion: string;
  destinationRegion: string;
  light: Light;
  /** TrafficRule that decided; '' when the documented default did. */
  rule: string;
  reason: string;
  obligations: Obligation[];
}

/** An exception that kept a rule from being asked. */
export interface AppliedException {
  name: string;
  kind: 'BisoPolicy' | 'TrafficRule';
  policy: string;
  rule: string;
  /** Names under which the policy knows those who signed. */
  approvers: string[];
  reason: string;
  expiresAt: string;
  /** It is a break-glass: the cluster's approvers opened what it may open. */
  breakGlass?: true;
}

/** The compliance pipeline's result: court → BISO → traffic light. */
export interface Verdict {
  decision: 'allow' | 'refuse';
  light: Light;
  policyHeight: number;
  legal: { compliant: boolean; agreements: string[]; reason: string };
  violations: Violation[];
  /** Audit-action violations and Yellow notices: shown to the user, never refuse. */
  warnings: string[];
  flows: FlowDecision[];
  obligations: Obligation[];
  evaluated: RuleEvaluation[];
  /** Regions in which the pod may be placed; null = anywhere. */
  allowedRegions: string[] | null;
  /** Exceptions that were made; absent when none was. */
  exceptions?: AppliedException[];
  /** What the verdict would be without them. */
  without?: { decision: 'allow' | 'refuse'; light: Light; allowedRegions: string[] | null; message: string };
  /** One sentence for the user: policy, rule, clause, regulation and cure on refusal. */
  message: string;
}

/** A node as the ledger knows it: what its commitment attests, never what its labels claim. Resources in millicores and bytes. */
export interface LedgerNode {
  name: string;
  region: string;
  zone: string;
  labels: Record<string, string>;
  /** Public key of the account that signed the commitment, hex; absent where it is not known. */
  operator?: string;
  taints: { key: string; value?: string; effect: string }[];
  capacity: { cpuMillis: number; memoryBytes: number; storageBytes: number; networkBandwidth: number; pods: number; extended?: Record<string, number> };
  allocated: { cpuMillis: number; memoryBytes: number; storageBytes: number; pods: number; extended?: Record<string, number> };
  ready: boolean;
  /** Why it counts as gone, whatever was reported of it. */
  lost?: string;
  /** What its TPM's quote proved: sha256 of the attestation key, PCR values by index, block time of the challenge. */
  attested?: { keyHash: string; pcrs: Record<string, string>; time: number };
}

export interface NodeExplanation {
  node: string;
  /** Filter that excluded it ('' when feasible), e.g. 'policy', 'capacity', 'taints', 'selector', 'neighbours', 'ready'. */
  filter: string;
  reason: string;
  /** Integer; present only when feasible. */
  score: number | null;
}

export interface Placement {
  node: string | null;
  explanation: NodeExplanation[];
  /** e.g. 'placed on eu-1 (score 731)' or 'waiting: 3 nodes lack memory, 2 refused by geographic-data-sovereignty/art-44' */
  message: string;
}
