// The chain's data model: genesis, transactions, blocks, state records and acknowledgements (design: ledger; agreement 1, 3, 8.1).
import type { AdmissionFacts, AgreementState, LedgerNode, NodeExplanation, Verdict } from '../policy/types.js';
import type { BlockHeader, Certificate, ResourceUsage, Validator, ValidatorSet } from '../receipts/types.js';
import type { BatchPlace } from './batchSignature.js';
import type { CourtPayloads } from './courtTypes.js';
import type { TpmQuote } from '../crypto/tpmQuote.js';
import type { EndpointPayloads } from './endpointTypes.js';
export type { EndpointHealth, LoadBalancingDecision } from './endpointTypes.js';
import type { EconomyPayloads, GenesisEconomy } from './economyTypes.js';
import type { EvidencePayloads } from './evidenceTypes.js';
import type { FlowPayloads } from './flowTypes.js';
import type { InstructionPayloads } from './instructionTypes.js';
import type { GovernancePayloads } from './governanceTypes.js';
import type { AgreementSpec, BisoPolicySpec, EncClusterSpec, PolicyExceptionSpec, TrafficRuleSpec } from '../api/index.js';

export type Role = 'operator' | 'webhook' | 'node-operator' | 'party' | 'validator' | 'identity';

/** Amounts are whole µBPI (10⁻⁶ BPI). */
export interface GenesisAccount {
  publicKey: string;
  name: string;
  roles: Role[];
  balance: number;
  stake: number;
}

/** ClusterGenesisBlock of agreement 8.1. The header of block 0 has stateRoot of the accounts and `previousHash` = genesis hash. */
export interface Genesis {
  version: 1;
  chainId: string;
  clusterId: string;
  /** sha256 of the orchestration agreement this network runs under, hex; '' when none. */
  agreementHash: string;
  timestamp: number;
  validatorSet: ValidatorSet;
  consensus: { blockTimeMs: number; baseTimeoutMs: number; maxTimeoutMs: number; maxBlockBytes: number; maxBlockTransactions: number };
  /** µBPI */
  economics: { minimumStake: number; schedulingFee: number; receiptFee: number; consensusFee: number };
  economy?: GenesisEconomy;
  accounts: GenesisAccount[];
  creator: { publicKey: string; signature: string };
}

export interface ObjectReference {
  kind: string;
  namespace: string;
  name: string;
  uid: string;
}

/** Payload by transaction type. Objects are carried as their spec; names are Kubernetes names. */
export interface Payloads extends FlowPayloads, EconomyPayloads, EvidencePayloads, GovernancePayloads, CourtPayloads, EndpointPayloads, InstructionPayloads {
  'cluster.put': { name: string; uid: string; generation: number; spec: EncClusterSpec };
  'cluster.remove': { name: string; uid: string };
  'agreement.deploy': { name: string; uid: string; generation: number; spec: AgreementSpec };
  'agreement.terminate': { name: string; uid: string; reason: string };
  'policy.put': { name: string; uid: string; generation: number; spec: BisoPolicySpec };
  'policy.remove': { name: string; uid: string };
  'rule.put': { name: string; uid: string; generation: number; spec: TrafficRuleSpec };
  'rule.remove': { name: string; uid: string };
  'exception.put': { name: string; uid: string; generation: number; spec: PolicyExceptionSpec };
  'exception.remove': { name: string; uid: string };
  'workload.put': WorkloadRegistration;
  'workload.transition': { namespace: string; name: string; uid: string; to: WorkloadState; reason: string };
  'workload.remove': { namespace: string; name: string; uid: string };
  'node.commit': NodeCommitment;
  /** `allocatable` = as the cluster measures it; counts only from the operator, whom the node does not belong to. */
  'node.report': {
    name: string;
    ready: boolean;
    labels: Record<string, string>;
    taints: LedgerNode['taints'];
    allocatable?: { cpuMillis: number; memoryBytes: number; storageBytes: number; pods: number };
  };
  'node.remove': { name: string };
  /** Asks for the nonce of the node's next TPM quote. */
  'node.challenge': { name: string };
  /** Nodes of the sender that are there. */
  'node.beat': { nodes: string[] };
  /** Its owner gives it up, or anybody shows that its beats have ended. */
  'node.lost': { name: string; reason: string };
  'admission.verdict': { facts: AdmissionFacts; verdict: Verdict };
  'placement.request': { podUid: string; specHash: string; attempt: number };
  /** `usage` = what was measured of the pod, for its receipt; left out where nothing was. */
  'placement.transition': { podUid: string; to: 'Running' | 'Completed' | 'Failed' | 'Released'; reason: string; usage?: ResourceUsage };
  /** `podUid` waits for the place of `victimUid`, as the ledger decided when it was asked to place it. */
  'placement.preempt': { podUid: string; victimUid: string };
  'reconcile.report': { object: ObjectReference; generation: number; outcome: 'applied' | 'failed'; reason: string; actions: string[] };
  'validators.change': ValidatorsChange;
  /** Moves `amount` µBPI from the sender's balance into the stake of a validator's account, which is opened where there is none. */
  'stake.bond': { account: string; name: string; amount: number };
}
export type TransactionType = keyof Payloads;

/** Unsigned part. `id` = sha256(canonicalJson(body)) hex; the receipt of a transaction carries the same id as `receiptId`. */
export interface TransactionBody<T extends TransactionType = TransactionType> {
  chainId: string;
  type: T;
  /** UUID of the operation (agreement 3.1 operation_id). */
  operationId: string;
  /** Ed25519 public key, hex. */
  sender: string;
  /** Last height at which it may be executed; at most MAX_VALIDITY blocks ahead. Bounds the memory that deduplication needs. */
  validUntil: number;
  payload: Payloads[T];
}
/**
 * On the wire and in blocks: canonicalJson of this. `signature` = Ed25519, hex, over utf8('enc-transaction-v1') ‖ 0x00 ‖ id bytes, or, when several were signed
 * together (ADR 7), over utf8('enc-transactions-v1') ‖ 0x00 ‖ u32 size ‖ root of their ids.
 */
export interface SignedTransaction<T extends TransactionType = TransactionType> {
  batch?: BatchPlace;
  body: TransactionBody<T>;
  signature: string;
}
export const MAX_VALIDITY = 1_000;

/** `transactions` are the exact raw strings; header.transactionsRoot is the RFC 9162 root over utf8(raw). */
export interface Block {
  header: BlockHeader;
  transactions: string[];
}
export interface FinalisedBlock extends Block {
  certificate: Certificate;
  /** Statement payloads (canonical JSON) of the block's receipts, in transaction order: the log's new leaves. */
  statements: string[];
}

/**
 * A validator's signed promise that it has durably taken a transaction: Ed25519 over utf8('enc-ack-v1') ‖ 0x00 ‖ utf8(chainId) ‖ 0x00 ‖ id bytes, or, for several
 * that came in one request, over utf8('enc-acks-v1') ‖ 0x00 ‖ utf8(chainId) ‖ 0x00 ‖ u32 size ‖ root of their ids.
 */
export interface Acknowledgement {
  batch?: BatchPlace;
  transactionId: string;
  validator: number;
  height: number;
  signature: string;
}

export type WorkloadState = 'Pending' | 'Scheduled' | 'Running' | 'Completed' | 'Failed' | 'Slashed';

export interface WorkloadRegistration {
  namespace: string;
  name: string;
  uid: string;
  generation: number;
  cluster: string;
  workloadKind: 'Deployment' | 'Job';
  replicas: number;
  /** sha256OfJson of spec.template */
  templateHash: string;
  data: NonNullable<AdmissionFacts['data']>;
}

/** ResourceCommitment of agreement 1.2, signed with the node's BLS key over utf8('enc-node-commit-v1') ‖ 0x00 ‖ sha256(canonicalJson({chainId, ...all fields but the signature})). */
export interface NodeCommitment {
  name: string;
  region: string;
  zone: string;
  cpuMillis: number;
  memoryBytes: number;
  storageBytes: number;
  /** bits per second */
  networkBandwidth: number;
  pods: number;
  /** Resources besides those above, as nvidia.com/gpu, in whole units; left out when it has none. */
  extended?: Record<string, number>;
  blsPublicKey: string;
  blsProofOfPossession: string;
  commitmentSignature: string;
  /** TPM quote; null = not attested, and said so wherever the node is shown. */
  attestationProof: TpmQuote | null;
}

export interface NewValidator extends Validator {
  /** Where its peer links are reached, host:port. */
  endpoint: string;
}
/** A change of the validator set (ADR 6). */
export interface UnsignedValidatorsChange {
  /** validatorsHash of the set in force, and the first height it signed. */
  expectedSetHash: string;
  expectedSince: number;
  add: NewValidator[];
  /** Ed25519 public keys. */
  remove: string[];
  reason: string;
}
export interface ValidatorsChange extends UnsignedValidatorsChange {
  /** `validator` = Ed25519 public key of a member of the set in force; signature over validatorsChangeMessage, hex. */
  signatures: { validator: string; signature: string }[];
}

/** State records by key. Keys are plain strings; values canonical JSON. `list(prefix)` iterates in key order. */
export const stateKeys = {
  account: (publicKey: string) => `account/${publicKey}`,
  supply: 'supply',
  /** → PolicySetPointer */
  currentPolicySet: 'policyset/current',
  /** → PolicySetRecord; never removed, so that any verdict can be replayed. */
  policySet: (policyHeight: number) => `policyset/${String(policyHeight).padStart(12, '0')}`,
  /** Content-addressed specs of the policy set: sha256OfJson(spec) → spec; never removed. */
  object: (hash: string) => `object/${hash}`,
  node: (name: string) => `node/${name}`,
  /** → what the node's next TPM quote answers */
  challenge: (name: string) => `challenge/${name}`,
  /** → the last beat of a node */
  beat: (name: string) => `beat/${name}`,
  /** → EndpointRecord; `serviceId` is namespace/name */
  endpoint: (serviceId: string, endpointUrl: string) => `endpoint/${serviceId}/${endpointUrl}`,
  endpoints: (serviceId: string) => `endpoint/${serviceId}/`,
  /** → LoadBalancingDecision */
  balancing: (serviceId: string) => `balancing/${serviceId}`,
  workload: (namespace: string, name: string) => `workload/${namespace}/${name}`,
  /** → AdmissionRecord of an admitted pod, until its placement is released. */
  admission: (podUid: string) => `admission/${podUid}`,
  /** → SchedulingDecision */
  decision: (podUid: string) => `decision/${podUid}`,
  /** → PlacedPod of a pod that holds resources */
  placed: (podUid: string) => `placed/${podUid}`,
  /** → PlacedPod of one with anti-affinity */
  repelling: (podUid: string) => `repelling/${podUid}`,
  /** → what is kept free for a pod whose victims are on their way out */
  nominated: (podUid: string) => `nominated/${podUid}`,
  /** → the latest refused or waiting placement's explanation */
  waiting: (podUid: string) => `waiting/${podUid}`,
  /** → AgreementRecord, by agreement hash; never removed, so that what has ended stays ended. */
  agreement: (agreementHash: string) => `agreement/${agreementHash}`,
  /** → ValidatorSetIndex */
  validatorSets: 'validatorsets',
  /** → ValidatorSetRecord, by the first height that the set signs; never removed, so that every certificate can be checked. */
  validatorSet: (since: number) => `validatorset/${String(since).padStart(12, '0')}`,
  /** → ids of the transactions executed at that height, sorted; removed when none of them could be executed again. */
  seen: (height: number) => `seen/${String(height).padStart(12, '0')}`,
} as const;

export interface AccountRecord {
  name: string;
  roles: Role[];
  balance: number;
  stake: number;
}
/** total = Σ balances + Σ stakes + escrow + pools + burned, after every block. */
export interface SupplyRecord {
  total: number;
  escrow: number;
  pools: Record<string, number>;
  burned: number;
}
/** A set takes effect in the block after the one that made it: block H is judged by the set that was current before H. */
export interface PolicySetPointer {
  policyHeight: number;
  /** Sets that were current within VERDICT_WINDOW_MS before the last change, with the block time at which each was replaced. */
  recent: { policyHeight: number; replacedAt: number }[];
}
/** How far a verdict's time may be before the previous block's and after the block's, and how long after its replacement a policy set may still be a verdict's; ms. */
export const VERDICT_WINDOW_MS = 60_000;
/** A node that has beaten is lost when it was silent for longer, ms of block time: three beats. */
export const NODE_SILENT_MS = 12_000;
/** The first heights of all sets, ascending. */
export interface ValidatorSetIndex {
  since: number[];
}
/** A set signs from height `since` until the next record's. */
export interface ValidatorSetRecord {
  since: number;
  hash: string;
  set: ValidatorSet;
  /** host:port by Ed25519 public key; of those that came by a change. */
  endpoints: Record<string, string>;
  /** Transaction that changed the set before it; null for the genesis' set. */
  changedBy: string | null;
}
export interface PolicySetMember {
  kind: 'EncCluster' | 'Agreement' | 'BisoPolicy' | 'TrafficRule' | 'PolicyException';
  name: string;
  uid: string;
  generation: number;
  /** sha256OfJson(spec) */
  hash: string;
  /** Agreements only. */
  state?: AgreementState;
}
export interface PolicySetRecord {
  policyHeight: number;
  members: PolicySetMember[];
}
export interface AgreementRecord {
  agreementId: string;
  version: string;
  /** Name of the Agreement it was deployed as. */
  name: string;
  state: AgreementState;
  /** Block of deployment. */
  height: number;
  /** Public keys of the parties that asked to terminate it; it ends when all have. */
  terminatedBy: string[];
}
export interface NodeRecord extends LedgerNode {
  /** What the cluster was last seen to have of it; `capacity` is no more than that. */
  measured?: NonNullable<Payloads['node.report']['allocatable']>;
  commitment: NodeCommitment;
  operator: string;
  height: number;
}
export interface WorkloadRecord extends WorkloadRegistration {
  state: WorkloadState;
  reason: string;
  height: number;
}
export interface AdmissionRecord {
  facts: AdmissionFacts;
  policyHeight: number;
  verdictId: string;
  height: number;
}
/** SchedulingDecision of agreement 1.1; consensus round and signatures are those of the certificate of block `height`, the proof is the state proof of this record. */
export interface SchedulingDecision {
  workloadId: string;
  pod: ObjectReference;
  targetNode: string;
  resourceAllocation: { cpuMillis: number; memoryBytes: number; storageBytes: number; extended?: Record<string, number> };
  specHash: string;
  policyHeight: number;
  verdictId: string;
  height: number;
  /** Time of block `height`: the admission's facts were evaluated again as of then. */
  time: number;
  state: 'Scheduled' | 'Running' | 'Completed' | 'Failed';
  explanation: { message: string; nodes: NodeExplanation[] };
  /** Uid of the pod of higher priority that it gives way to. */
  preemptedBy?: string;
}
export interface WaitingRecord {
  pod: ObjectReference;
  height: number;
  attempt: number;
  explanation: { message: string; nodes: NodeExplanation[] };
  /** Pods of lower priority whose place it takes. */
  preemption?: { node: string; victims: string[] };
}

/** What executing one transaction yields; becomes its receipt. */
export interface TransactionResult {
  transactionId: string;
  outcome: 'applied' | 'allowed' | 'refused' | 'failed';
  code: string;
  reason: string;
  object?: ObjectReference;
  details?: unknown;
}
