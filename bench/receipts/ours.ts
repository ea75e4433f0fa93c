// Our receipt log under measurement: statements built, blocks of them made durable in the validator's own store, bundles served by its API route and verified.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { toHex } from '../../crypto/encoding.js';
import { headerHash } from '../../receipts/headerHash.js';
import { EMPTY_HISTORY, historySteps, type HistoryRecord } from '../../receipts/history.js';
import { merkleRoot } from '../../receipts/merkle/treeHash.js';
import { testFacts } from '../../receipts/testing/testReceipts.js';
import { testCertificate, testHeader, testValidators } from '../../receipts/testing/testValidators.js';
import type { BlockHeader, ReceiptBundle } from '../../receipts/types.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';
import { buildStatement } from '../../receipts/write/buildStatement.js';
import type { ApiContext } from '../../chain/node/api/context.js';
import { receiptRoutes } from '../../chain/node/api/receiptRoutes.js';
import { BlockStore } from '../../chain/node/storage/blockStore.js';
import type { TransactionResult } from '../../chain/types.js';
import type { Figures } from './figures.js';

const IN_BLOCK = 256;
const PODS = 4_096;
const SAMPLES = 1_000;
const MEMORY_AT = [10_000, 100_000, 1_000_000];

const validators = testValidators(4);
const trust = { chainId: 'enc-test', validatorSet: validators.set };

/** What only such a store holds: the same object comes again and again, as in a cluster. */
const factsOf = (index: number, block: number, inBlock: number) =>
  testFacts(index, { blockHeight: block, index: inBlock, object: { kind: 'Pod', namespace: `tenant-${index % 16}`, name: `pod-${index % PODS}`, uid: `uid-${index % PODS}` } });

const residentMiB = (): number => {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
};
/** Own memory: the store's pages, which the kernel takes back whenever it likes, are mapped and count as resident too. */
const ownMiB = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
};

class MeasuredLog {
  readonly generated: number[] = [];
  readonly memory: { receipts: number; own: number; resident: number }[] = [];
  readonly #history = new Map<string, HistoryRecord>();
  #header: BlockHeader;
  #size = 0;

  constructor(
    readonly store: BlockStore,
    header: BlockHeader,
  ) {
    this.#header = header;
  }

  get size(): number {
    return this.#size;
  }

  /** Resolves when the block's receipts are on the disk with all that proves them. */
  async append(count: number): Promise<void> {
    const height = this.#header.height + 1;
    const began = performance.now();
    const receipts = Array.from({ length: count }, (_, index) => buildStatement(factsOf(this.#size + index, height, index)));
    if (this.generated.length < SAMPLES) this.generated.push((performance.now() - began) / count);
    const leaves = receipts.map(({ leafHash }) => leafHash);
    const { logSize, logRoot } = this.store.log.headAfter(leaves);
    const header = testHeader(validators.set, { height, previousHash: headerHash(this.#header), logSize, logRoot });
    const certificate = testCertificate(validators, header, [0, 1, 2]);
    const steps = historySteps(
      receipts.map(({ statement: { predicate }, leafHash }) => ({ predicate, leafHash })),
      (scope) => this.#history.get(scope) ?? EMPTY_HISTORY,
    );
    for (const { scope, after } of steps) this.#history.set(scope, after);
    const results = receipts.map(({ statement: { predicate } }): TransactionResult => {
      const { receiptId, outcome, code, reason, object } = predicate;
      return { transactionId: receiptId, outcome, code, reason, object: { kind: object!.kind, namespace: object!.namespace!, name: object!.name, uid: object!.uid! } };
    });
    const statements = receipts.map(({ payload }) => payload);
    const transactions = receipts.map(({ statement }) => JSON.stringify(statement.subject));
    await this.store.commit({ block: { header, certificate, transactions, statements }, state: [], known: { results, leaves, history: steps } });
    this.#header = header;
    this.#size += count;
    if (this.#size >= (MEMORY_AT[this.memory.length] ?? Number.POSITIVE_INFINITY)) this.#noteMemory(MEMORY_AT[this.memory.length]!);
  }

  #noteMemory(receipts: number): void {
    this.memory.push({ receipts, own: ownMiB(), resident: residentMiB() });
  }
}

/** Times of `SAMPLES` receipts from all over the log, ms. */
function measureReads({ store, size }: MeasuredLog): { retrieve: number[]; verify: number[] } {
  const privateKey = validators.ed25519Keys[0]!;
  const ed25519 = { privateKey, publicKey: validators.set.validators[0]!.ed25519PublicKey };
  const record = { since: 0, set: validators.set };
  const context = { store, keys: { ed25519 }, sets: () => [record] } as unknown as ApiContext;
  const route = receiptRoutes(context)[0]!;
  const retrieve: number[] = [];
  const verify: number[] = [];
  for (let i = 0; i < SAMPLES; i += 1) {
    const { receiptId } = testFacts(Math.floor((i * 7_919 * size) / SAMPLES) % size);
    const began = performance.now();
    const bundle = route.handle({ id: receiptId }, undefined as never, undefined as never) as ReceiptBundle;
    const got = performance.now();
    const verdict = verifyReceipt(bundle, trust);
    verify.push(performance.now() - got);
    retrieve.push(got - began);
    if (!verdict.ok) throw new Error(`receipt ${receiptId} does not verify: ${verdict.message}`);
  }
  return { retrieve, verify };
}

export async function measureOurs(folder: string, receipts: number): Promise<Figures> {
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  const blocks = path.join(folder, 'blocks');
  mkdirSync(blocks, { recursive: true });
  const genesis = testHeader(validators.set, { height: 0, logSize: 0, logRoot: toHex(merkleRoot([])) });
  const store = await BlockStore.open(blocks, { chainId: 'enc-test', genesisHash: '00'.repeat(32), header: genesis, state: [] });
  try {
    const log = new MeasuredLog(store, genesis);
    const began = performance.now();
    while (log.size < receipts) await log.append(Math.min(IN_BLOCK, receipts - log.size));
    const perSecond = (receipts * 1_000) / (performance.now() - began);
    return { perSecond, generate: log.generated, ...measureReads(log), memory: log.memory };
  } finally {
    await store.close();
  }
}
