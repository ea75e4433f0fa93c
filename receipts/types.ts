// The receipt, the block header and certificate that finalise it, and the bundle that proves it offline (agreement 3.1; in-toto Statement v1; DSSE v1; RFC 9162).

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const RECEIPT_PREDICATE_TYPE = 'https://enc.metanode.io/receipt/v1';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
/** Bytes of UTF-8. */
export const MAX_REASON_BYTES = 1024;

export type Outcome = 'applied' | 'allowed' | 'refused' | 'failed';

/** All whole numbers: milliseconds, bytes, bytes, count. A member is left out when it was not measured. */
export interface ResourceUsage {
  cpuTimeUsed?: number;
  memoryPeak?: number;
  networkBytes?: number;
  storageOperations?: number;
}

export interface ReceiptObject {
  kind: string;
  namespace?: string;
  name: string;
  uid?: string;
}

/** ClusterOperationReceipt of agreement 3.1; consensus round, validator signatures and Merkle proof are those of the bundle around it. */
export interface ReceiptPredicate {
  chainId: string;
  /** 32 bytes hex, unique on its chain. */
  receiptId: string;
  /** UUID, lower case. */
  operationId: string;
  operationType: string;
  /** Milliseconds since the epoch: the block's time. */
  timestamp: number;
  blockHeight: number;
  /** Position among the block's operations, from 0. */
  index: number;
  outcome: Outcome;
  /** Machine-readable reason, CamelCase. */
  code: string;
  /** At most MAX_REASON_BYTES. */
  reason: string;
  object?: ReceiptObject;
  /** Ed25519 public key, hex. */
  actor: string;
  /** sha256 of the transaction, hex. */
  operationHash: string;
  /** Small JSON of integers and strings. */
  details?: unknown;
  /** null = not measured. */
  resourceUsage: ResourceUsage | null;
  immutable: true;
}

/** in-toto Statement v1. The log's leaf data is its canonical JSON, byte for byte. */
export interface Statement {
  _type: typeof STATEMENT_TYPE;
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: typeof RECEIPT_PREDICATE_TYPE;
  predicate: ReceiptPredicate;
}

/** DSSE v1 envelope; payload and signatures are base64, keyid = sha256 of the Ed25519 public key's hex text. */
export interface DsseEnvelope {
  payloadType: string;
  payload: string;
  signatures: { keyid: string; sig: string }[];
}

/** Hashes are 32 bytes hex. `logSize` and `logRoot` are of the receipt log after this block. */
export interface BlockHeader {
  version: 1;
  chainId: string;
  height: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  previousHash: string;
  transactionsRoot: string;
  stateRoot: string;
  logSize: number;
  logRoot: string;
  /** validatorsHash of the set that signs this block, and of the next one's. */
  validatorsHash: string;
  nextValidatorsHash: string;
  /** Index into the validator set. */
  proposer: number;
}

export interface Validator {
  /** 48 bytes hex */
  blsPublicKey: string;
  /** 96 bytes hex */
  blsProofOfPossession: string;
  /** 32 bytes hex; signs messages and receipts. */
  ed25519PublicKey: string;
  /** Name */
  address: string;
}

export interface ValidatorSet {
  validators: Validator[];
  /** --finality-threshold: raises the quorum where it is more than two thirds. 1 to 100. */
  quorumPercent: number;
}

/** A quorum's aggregated BLS signature over commitSealMessage. */
export interface Certificate {
  height: number;
  round: number;
  blockHash: string;
  /** Bitmap, hex: validator i signed when bit i & 7 (least significant first) of byte i >> 3 is set; ⌈n/8⌉ bytes. */
  signers: string;
  /** 96 bytes hex */
  signature: string;
}

/** `path` is the RFC 9162 audit path, hex, lowest sibling first. */
export interface InclusionProof {
  leafIndex: number;
  treeSize: number;
  path: string[];
}

/** One change of the validator set: the last header that the set before signs names the hash of `set`, which signs the next. */
export interface SetStep {
  header: BlockHeader;
  certificate: Certificate;
  set: ValidatorSet;
}

/** What is saved in a file and verified offline. */
export interface ReceiptBundle {
  version: 1;
  envelope: DsseEnvelope;
  inclusion: InclusionProof;
  header: BlockHeader;
  certificate: Certificate;
  /** Informative: trust comes from the verifier's own set. */
  validatorSet?: ValidatorSet;
  /** All changes of the set, the earliest first, up to when the receipt was served; so that who trusts the genesis needs nothing else. */
  steps?: SetStep[];
}
