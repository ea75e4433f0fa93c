// A chain for tests without consensus or ledger: blocks with real keys, certificates, proofs and receipts, made when a test says so.
import { canonicalJson, sha256OfJson } from '../../../crypto/canonicalJson.js';
import { ed25519FromSeed, type Ed25519KeyPair } from '../../../crypto/ed25519.js';
import { toHex, utf8 } from '../../../crypto/encoding.js';
import { sha256Hex } from '../../../crypto/hash.js';
import { SparseMerkleTree } from '../../../crypto/sparseMerkleTree.js';
import { MerkleFrontier } from '../../../receipts/merkle/merkleFrontier.js';
import { leafHash, merkleRoot } from '../../../receipts/merkle/treeHash.js';
import { headerHash } from '../../../receipts/headerHash.js';
import { testCertificate, testHeader, testValidators, type TestValidators } from '../../../receipts/testing/testValidators.js';
import type { BlockHeader, Certificate } from '../../../receipts/types.js';
import { buildStatement } from '../../../receipts/write/buildStatement.js';
import {
  stateKeys,
  type FinalisedBlock,
  type Genesis,
  type PolicySetMember,
  type PolicySetPointer,
  type PolicySetRecord,
  type SignedTransaction,
  type TransactionResult,
} from '../../types.js';

export const CHAIN_ID = 'enc-test';
const START = 1_790_000_000_000;
const BLOCK_MS = 1_000;

/** The state after a block, as validators would answer from it. */
export interface Snapshot {
  header: BlockHeader;
  certificate: Certificate;
  records: ReadonlyMap<string, string>;
  tree: SparseMerkleTree;
  frontier: MerkleFrontier;
}

export type Decide = (transaction: SignedTransaction) => Pick<TransactionResult, 'outcome' | 'code' | 'reason' | 'object' | 'details'>;

const known = new Map<string, TestValidators>();
/** Proofs of possession are slow to make. */
function validatorsOf(size: number, seed: number): TestValidators {
  const key = `${size} ${seed}`;
  let made = known.get(key);
  if (!made) known.set(key, (made = testValidators(size, 67, seed)));
  return made;
}

export class FakeChain {
  readonly validators: TestValidators;
  readonly genesis: Genesis;
  readonly account: Ed25519KeyPair = ed25519FromSeed(sha256Hex('test account'));
  readonly blocks: FinalisedBlock[] = [];
  readonly snapshots: Snapshot[] = [];
  /** Submitted and in no block yet, by id. */
  readonly waiting = new Map<string, string>();
  readonly #listeners = new Set<() => void>();
  decide: Decide = () => ({ outcome: 'applied', code: 'Applied', reason: 'done' });

  constructor(size = 4, seed = 1) {
    this.validators = validatorsOf(size, seed);
    this.genesis = {
      version: 1,
      chainId: CHAIN_ID,
      clusterId: '6f1c2a34-9b1d-4c55-8f0e-2d7b6a5c4e31',
      agreementHash: '',
      timestamp: START,
      validatorSet: this.validators.set,
      consensus: { blockTimeMs: 2_000, baseTimeoutMs: 1_000, maxTimeoutMs: 8_000, maxBlockBytes: 8 * 1024 * 1024, maxBlockTransactions: 5_000 },
      economics: { minimumStake: 0, schedulingFee: 0, receiptFee: 0, consensusFee: 0 },
      accounts: [],
      creator: { publicKey: this.account.publicKey, signature: '' },
    };
    this.commit({ [stateKeys.currentPolicySet]: { policyHeight: 0, recent: [] }, [stateKeys.policySet(0)]: { policyHeight: 0, members: [] } });
  }

  get height(): number {
    return this.blocks.length;
  }

  /** A block of all waiting transactions and the given records (undefined removes one). */
  commit(changes: Record<string, unknown> = {}, extra: string[] = []): FinalisedBlock {
    const before = this.snapshots.at(-1);
    const height = this.height + 1;
    const timestamp = START + height * BLOCK_MS;
    const transactions = [...this.waiting.values(), ...extra];
    this.waiting.clear();
    const entries = Object.entries(changes).map(([key, value]): [string, string | undefined] => [
      key,
      value === undefined ? undefined : canonicalJson(value),
    ]);
    const records = new Map(before?.records);
    for (const [key, value] of entries) {
      if (value === undefined) records.delete(key);
      else records.set(key, value);
    }
    const tree = (before?.tree ?? SparseMerkleTree.empty).update(entries);
    const frontier = before?.frontier.clone() ?? MerkleFrontier.empty();
    const statements = transactions.map((raw, index) => this.#statement(raw, { height, index, timestamp }));
    for (const statement of statements) frontier.append(leafHash(utf8(statement)));
    const header = testHeader(this.validators.set, {
      height,
      timestamp,
      previousHash: before ? headerHash(before.header) : '00'.repeat(32),
      transactionsRoot: toHex(merkleRoot(transactions.map((raw) => leafHash(utf8(raw))))),
      stateRoot: tree.rootHex,
      logSize: frontier.size,
      logRoot: toHex(frontier.root()),
    });
    const quorum = Math.ceil((2 * this.validators.blsKeys.length) / 3);
    const certificate = testCertificate(
      this.validators,
      header,
      Array.from({ length: quorum }, (_, i) => i),
    );
    const block = { header, certificate, transactions, statements };
    this.blocks.push(block);
    this.snapshots.push({ header, certificate, records, tree, frontier });
    for (const listener of [...this.#listeners]) listener();
    return block;
  }

  /** A block that makes these the policy set's members; `transactions` is what a client sees as its cause. */
  commitPolicySet(
    members: (Omit<PolicySetMember, 'hash'> & { spec: object })[],
    transactions: string[] = [this.transaction('policy.put')],
  ): FinalisedBlock {
    const policyHeight = this.height + 1;
    const record: PolicySetRecord = { policyHeight, members: members.map(({ spec, ...member }) => ({ ...member, hash: sha256OfJson(spec) })) };
    const pointer: PolicySetPointer = { policyHeight, recent: [] };
    const objects = Object.fromEntries(members.map(({ spec }) => [stateKeys.object(sha256OfJson(spec)), spec]));
    return this.commit({ [stateKeys.policySet(policyHeight)]: record, [stateKeys.currentPolicySet]: pointer, ...objects }, transactions);
  }

  /** A raw transaction of the type, signed by nobody. */
  transaction(type: string, payload: unknown = {}): string {
    const operationId = `00000000-0000-4000-8000-${String(this.height).padStart(12, '0')}`;
    const body = { chainId: CHAIN_ID, type, operationId, sender: this.account.publicKey, validUntil: 1_000, payload };
    return canonicalJson({ body, signature: '00'.repeat(64) });
  }

  /** Called after every block; returns how to stop it. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #statement(raw: string, { height, index, timestamp }: { height: number; index: number; timestamp: number }): string {
    const transaction = JSON.parse(raw) as SignedTransaction;
    const id = sha256OfJson(transaction.body);
    const { operationId, type: operationType, sender: actor } = transaction.body;
    const { object, ...result } = this.decide(transaction);
    return buildStatement({
      ...result,
      ...(object ? { object: { kind: object.kind, name: object.name, ...(object.namespace === '' ? {} : { namespace: object.namespace }) } } : {}),
      chainId: CHAIN_ID,
      receiptId: id,
      operationId,
      operationType,
      timestamp,
      blockHeight: height,
      index,
      actor,
      operationHash: id,
    }).payload;
  }
}
