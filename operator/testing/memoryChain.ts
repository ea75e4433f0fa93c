// A ChainClient over a ledger in memory, for tests: each turn's submissions make one block, finalised at once; faults can be injected.
import { randomUUID } from 'node:crypto';
import { assemblePolicySet } from '../../chain/client/assemblePolicySet.js';
import type { ChainClient, FinalisedResult, Submission, VerifiedState } from '../../chain/client/types.js';
import {
  stateKeys,
  type FinalisedBlock,
  type Genesis,
  type Payloads,
  type PolicySetPointer,
  type PolicySetRecord,
  type TransactionResult,
  type TransactionType,
} from '../../chain/types.js';
import type { PolicySet } from '../../policy/types.js';
import type { BlockHeader, ReceiptBundle, Statement } from '../../receipts/types.js';

/** What it needs of a ledger; the ledger's own test chain fits. */
export interface Ledger {
  genesis: Genesis;
  header: BlockHeader;
  blocks: { header: BlockHeader; transactions: string[]; statements: string[] }[];
  state: { get(key: string): string | undefined; list(prefix: string): Iterable<[string, string]> };
  sign<T extends TransactionType>(actor: string, type: T, payload: Payloads[T], changes: { operationId: string }): string;
  commit(transactions: string[]): { results: TransactionResult[] };
}

interface Pending {
  raw: string;
  resolve: (result: FinalisedResult) => void;
}

export class MemoryChain implements ChainClient {
  readonly #listeners = new Set<(block: FinalisedBlock) => void>();
  readonly #pending: Pending[] = [];
  #policies: PolicySet | undefined;
  /** Thrown by submissions while set, as an unreachable chain would. */
  away: Error | undefined;

  constructor(
    readonly ledger: Ledger,
    private readonly actor: string = 'operator',
  ) {}

  get chainId(): string {
    return this.ledger.genesis.chainId;
  }
  start(): Promise<void> {
    return Promise.resolve();
  }
  stop(): Promise<void> {
    this.#listeners.clear();
    return Promise.resolve();
  }
  head(): BlockHeader {
    return this.ledger.header;
  }

  submit<T extends TransactionType>(type: T, payload: Payloads[T]): Promise<Submission> {
    return this.submitAs(this.actor, type, payload);
  }

  submitAs<T extends TransactionType>(actor: string, type: T, payload: Payloads[T]): Promise<Submission> {
    if (this.away) return Promise.reject(this.away);
    const operationId = randomUUID();
    const raw = this.ledger.sign(actor, type, payload, { operationId });
    const finalised = new Promise<FinalisedResult>((resolve) => {
      if (this.#pending.push({ raw, resolve }) === 1) setImmediate(() => this.commit());
    });
    return Promise.resolve({ receiptId: '', operationId, acknowledgements: [], finalised: () => finalised });
  }

  /** The same chain with another account's key. */
  as(actor: string): ChainClient {
    return new Proxy<MemoryChain>(this, {
      get: (chain, name: keyof MemoryChain) => {
        if (name === 'submit') return (type: TransactionType, payload: Payloads[TransactionType]) => chain.submitAs(actor, type, payload);
        const value: unknown = chain[name];
        return typeof value === 'function' ? (value.bind(chain) as unknown) : value;
      },
    });
  }

  /** A block of what is pending and, as if somebody else had sent them, of `others`. */
  commit(others: string[] = []): TransactionResult[] {
    const pending = this.#pending.splice(0);
    const { results } = this.ledger.commit([...pending.map(({ raw }) => raw), ...others]);
    const { header, transactions, statements } = this.ledger.blocks.at(-1)!;
    const certificate = { height: header.height, round: 0, blockHash: '', signers: 'ff', signature: '' };
    for (const listener of this.#listeners) listener({ header, transactions, statements, certificate });
    pending.forEach(({ resolve }, index) => resolve({ ...results[index]!, height: header.height, index }));
    return results;
  }

  getState<T>(key: string): Promise<VerifiedState<T>> {
    const text = this.ledger.state.get(key);
    return Promise.resolve({ value: text === undefined ? undefined : (JSON.parse(text) as T), height: this.ledger.header.height });
  }
  listState<T>(prefix: string): Promise<{ key: string; value: T }[]> {
    return Promise.resolve([...this.ledger.state.list(prefix)].map(([key, text]) => ({ key, value: JSON.parse(text) as T })));
  }

  policySet(): PolicySet {
    const read = <T>(key: string) => JSON.parse(this.ledger.state.get(key)!) as T;
    const { policyHeight } = read<PolicySetPointer>(stateKeys.currentPolicySet);
    if (this.#policies?.policyHeight !== policyHeight) {
      const record = read<PolicySetRecord>(stateKeys.policySet(policyHeight));
      this.#policies = assemblePolicySet(record, (hash) => read<object>(stateKeys.object(hash)));
    }
    return this.#policies!;
  }

  onBlock(listener: (block: FinalisedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Of the operations in all blocks, oldest first. */
  statements(): Statement['predicate'][] {
    return this.ledger.blocks.flatMap(({ statements }) => statements.map((text) => (JSON.parse(text) as Statement).predicate));
  }
  history(): Promise<Statement[]> {
    return Promise.reject(new Error('no proof of a history is kept'));
  }
  receipt(receiptId: string): Promise<ReceiptBundle> {
    return Promise.reject(new Error(`no receipt ${receiptId} is kept`));
  }
  receiptsFor({ kind, namespace, name }: { kind: string; namespace?: string; name: string }): Promise<ReceiptBundle[]> {
    const found = this.ledger.blocks
      .flatMap(({ statements }) => statements)
      .filter((text) => {
        const { object } = (JSON.parse(text) as Statement).predicate;
        return object?.kind === kind && object.name === name && (object.namespace ?? '') === (namespace ?? '');
      });
    const bundle = (text: string) => ({ envelope: { payload: Buffer.from(text).toString('base64') } }) as ReceiptBundle;
    return Promise.resolve(found.toReversed().map(bundle));
  }
}
