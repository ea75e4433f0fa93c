// What the HTTP API needs of the validator; nothing else of it is reachable from a request.
import type { SparseMerkleTree } from '../../../crypto/sparseMerkleTree.js';
import type { BlockHeader, Certificate, DsseEnvelope } from '../../../receipts/types.js';
import type { Acknowledgement, Genesis, ValidatorSetRecord } from '../../types.js';
import type { SnapshotFiles } from '../snapshot/snapshotFiles.js';
import type { BlockStore } from '../storage/blockStore.js';
import type { Withheld } from '../withholding.js';
import type { ValidatorKeys } from '../validatorKeys.js';

export interface ValidatorStatus {
  index: number;
  address: string;
  connected: boolean;
  /** Highest block it is known to have; null when nothing was heard in this run. */
  lastHeight: number | null;
}
export interface Halt {
  /** ms since the epoch */
  since: number;
  missing: { index: number; address: string; since: number }[];
}
export interface NodeStatus {
  chainId: string;
  height: number;
  headHash: string;
  address: string;
  /** In the set that decides the next block; null for a node that only follows. */
  index: number | null;
  round: number;
  validators: ValidatorStatus[];
  peersConnected: number;
  syncing: boolean;
  halted: Halt | null;
  mempool: { size: number; bytes: number };
  /** Transactions that validators said they have and left out of blocks with room for them: how many, and the oldest. */
  withheld?: { count: number; oldest: Withheld[] };
  version: string;
}
export interface Refusal {
  transactionId: string;
  code: string;
  message: string;
  field?: string;
}
/** The committed head; state, tree and header always belong together. */
export interface HeadSnapshot {
  header: BlockHeader;
  certificate: Certificate | null;
  tree: SparseMerkleTree;
}
export interface ApiContext {
  genesis: Genesis;
  /** That signs the receipts' envelopes. */
  keys: Pick<ValidatorKeys, 'ed25519'>;
  version: string;
  store: BlockStore;
  snapshots: SnapshotFiles;
  /** Every validator set since the genesis, the earliest first. */
  sets(): readonly ValidatorSetRecord[];
  head(): HeadSnapshot;
  status(): NodeStatus;
  /** Signed statement of who is missing, when the chain is halted. */
  haltStatement(): DsseEnvelope | undefined;
  /** The newest head of the receipt log that a quorum cosigned, as a note. */
  checkpoint(): string | undefined;
  /** Resolves when all that were taken are durable. */
  submit(transactions: string[]): Promise<{ acknowledgements: Acknowledgement[]; refusals: Refusal[] }>;
  /** Called after every committed block; returns how to stop it. */
  onCommit(listener: (height: number) => void): () => void;
  /** An error that no client caused. */
  report(error: unknown, request: string): void;
}

/** Head with its certificate; ApiError 'NotYet' is for the caller to throw before block 1. */
export type CertifiedHead = HeadSnapshot & { certificate: Certificate };
