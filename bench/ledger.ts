// Measures the ledger alone, without signatures and network: blocks of mixed transactions, a large state in a validator's store, a year of rewards. make bench-ledger
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SparseMerkleTree } from '../crypto/sparseMerkleTree.js';
import { sha256Hex } from '../crypto/hash.js';
import { canonicalJson } from '../crypto/canonicalJson.js';
import type { CaseRecord } from '../chain/courtTypes.js';
import type { AccountRecord, SupplyRecord, TransactionType, Payloads } from '../chain/types.js';
import { stateKeys } from '../chain/types.js';
import { executeBlock } from '../chain/ledger/executeBlock.js';
import { encodeTransaction } from '../chain/ledger/transaction.js';
import { CachedState } from '../chain/ledger/cachedState.js';
import { genesisHash, genesisHeader } from '../chain/ledger/genesis.js';
import type { StateReader } from '../chain/ledger/state.js';
import { BlockStore } from '../chain/node/storage/blockStore.js';
import { memoryOf } from './consensus/processFigures.js';
import { economyGenesis } from '../chain/ledger/testing/economyWorld.js';
import { nodeReport, samplePayloads } from '../chain/ledger/testing/samplePayloads.js';
import { ReadyChain } from '../chain/ledger/testing/readyChain.js';
import { keyOf, type Actor } from '../chain/ledger/testing/testGenesis.js';
import { UnverifiedReader } from '../chain/ledger/testing/unverifiedReader.js';
import type { Genesis } from '../chain/types.js';

const RUNS = 15;
const TRANSACTIONS = 1_000;
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const MIB = 1024 * 1024;

function raw<T extends TransactionType>(genesis: Genesis, serial: number, actor: Actor, type: T, payload: Payloads[T]): string {
  const operationId = `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`;
  const body = { chainId: genesis.chainId, type, operationId, sender: keyOf(actor).publicKey, validUntil: 900, payload };
  return encodeTransaction({ body, signature: '0'.repeat(128) });
}

/** Ten kinds in turn, each changing the state. */
function mixed(genesis: Genesis): string[] {
  const kinds: ((i: number) => string)[] = [
    (i) => raw(genesis, i, 'operator', 'reconcile.report', { ...samplePayloads['reconcile.report'](), reason: `pass ${i}` }),
    (i) => raw(genesis, i, 'operator', 'mesh.open', { amount: 100 }),
    (i) => raw(genesis, i, 'operator', 'mesh.settle', { caller: keyOf('operator').publicKey, calls: Math.floor(i / 10) }),
    (i) => raw(genesis, i, 'node-operator', 'stake.bond', { account: keyOf('node-operator').publicKey, name: 'node-operator', amount: 1 }),
    (i) => raw(genesis, i, 'operator', 'node.report', nodeReport('eu-1', { ready: i % 20 < 10 })),
    (i) => raw(genesis, i, 'operator', 'workload.put', { ...samplePayloads['workload.put'](), name: `w-${i}`, uid: `u-${i}` }),
    (i) => raw(genesis, i, 'bank', 'fees.settle', { account: keyOf('operator').publicKey }),
    (i) => raw(genesis, i, 'node-operator', 'node.heartbeat', { participant: i % 20 < 10 ? 'node/eu-1' : 'node/us-1' }),
    (i) => raw(genesis, i, 'operator', 'case.open', { ...samplePayloads['case.open'](), respondent: keyOf('bank').publicKey, claim: `claim ${i}` }),
    (i) => raw(genesis, i, 'operator', 'placement.transition', { podUid: `p-${i}`, to: 'Released', reason: '' }),
  ];
  return Array.from({ length: TRANSACTIONS }, (_, i) => kinds[i % kinds.length]!(i));
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function blocks(chain: Pick<ReadyChain, 'genesis' | 'tree' | 'frontier' | 'header'> & { state: StateReader }): { ms: number; applied: number } {
  const transactions = mixed(chain.genesis);
  const times: number[] = [];
  let applied = 0;
  for (let run = 0; run < RUNS; run++) {
    // Parsed once before, as between mempool and block.
    const transactionReader = new UnverifiedReader();
    for (const transaction of transactions) transactionReader.read(transaction);
    const began = performance.now();
    const { header } = chain;
    const { results } = executeBlock(chain.state, { ...chain, height: header.height + 1, timestamp: header.timestamp + 1_000, transactions, previousHeader: header, transactionReader });
    times.push(performance.now() - began);
    applied = results.filter(({ outcome }) => outcome === 'applied').length;
  }
  return { ms: median(times), applied };
}

function largeGenesis(): Genesis {
  const base = economyGenesis();
  return economyGenesis({ accounts: base.accounts.map((account) => ({ ...account, balance: 1_000_000_000_000 })) });
}

/** Written as they would be after a long time, without executing every block of it. */
function* manyRecords(accounts: number, cases: number): Iterable<[string, string]> {
  for (let i = 0; i < accounts; i++) {
    const record: AccountRecord = { name: `account-${i}`, roles: [], balance: 1_000, stake: 0 };
    yield [stateKeys.account(sha256Hex(`account ${i}`)), canonicalJson(record)];
  }
  for (let i = 0; i < cases; i++) {
    const id = sha256Hex(`case ${i}`);
    const deadline = 1_900_000_000_000 + i;
    const record: CaseRecord = {
      id, category: 'Economic', claimant: sha256Hex(`account ${i}`), respondent: sha256Hex(`account ${i + 1}`), remedy: 'Compensation', subject: '', amount: 300_000_000, claim: 'a claim of ordinary length, for the size of it',
      state: 'Evidence', tier: 1, draws: 0, height: 1, opened: 1, deadline, drawHeight: null, panel: [], sat: [], evidence: [], deposits: [], held: 0, decisions: [],
    };
    yield [`case/${id}`, canonicalJson(record)];
    yield [`due/t/${String(deadline).padStart(16, '0')}/case/${id}`, '{}'];
  }
}

/** As a validator holds it: records in its store, the tree over them in memory, and what was read kept in bounds. In a process of its own, which the making of the records does not swell. */
async function large(accounts: number, cases: number): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'enc-ledger-'));
  try {
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'store', directory, String(accounts), String(cases)], { stdio: 'inherit' });
    execFileSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), 'stored', directory, String(accounts), String(cases)], { stdio: 'inherit' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function* storedRecords(ready: ReadyChain, accounts: number, cases: number): Iterable<[string, string]> {
  for (const [key, text] of ready.state.entries()) {
    if (key !== stateKeys.supply) yield [key, text];
    else {
      const supply = JSON.parse(text) as SupplyRecord;
      yield [key, canonicalJson({ ...supply, total: supply.total + accounts * 1_000 })];
    }
  }
  yield* manyRecords(accounts, cases);
}

function openStore(directory: string, ready: ReadyChain, state: Iterable<[string, string]>): Promise<BlockStore> {
  const { genesis } = ready;
  return BlockStore.open(directory, { chainId: genesis.chainId, genesisHash: genesisHash(genesis), header: genesisHeader(genesis), state });
}

async function store(directory: string, accounts: number, cases: number): Promise<void> {
  const ready = new ReadyChain({}, largeGenesis());
  await (await openStore(directory, ready, storedRecords(ready, accounts, cases))).close();
}

async function stored(directory: string, accounts: number, cases: number): Promise<void> {
  const ready = new ReadyChain({}, largeGenesis());
  const { genesis, frontier, header } = ready;
  const kept = await openStore(directory, ready, []);
  const before = memoryOf(process.pid).ownMiB;
  const began = performance.now();
  const tree = SparseMerkleTree.fromEntries(kept.list(''));
  const built = performance.now() - began;
  globalThis.gc?.();
  const { heapUsed } = process.memoryUsage();
  const { ms, applied } = blocks({ genesis, state: new CachedState(kept), tree, frontier, header });
  globalThis.gc?.();
  const { residentMiB, ownMiB, mappedMiB } = memoryOf(process.pid);
  const round = Math.round;
  print(
    `${accounts} accounts, ${cases} open cases: tree built in ${round(built)} ms, heap ${round(heapUsed / MIB)} MiB; block of ${TRANSACTIONS} in ${ms.toFixed(1)} ms (${applied} applied); ` +
      `then resident ${round(residentMiB)} MiB: ${round(ownMiB)} of its own (${round(before)} before the tree), ${round(mappedMiB)} pages of files`,
  );
  await kept.close();
}

function year(): void {
  const program = fileURLToPath(new URL('./ledgerYear.js', import.meta.url));
  const [first, second] = [1, 2].map(() => JSON.parse(execFileSync(process.execPath, [program, '8760', '100', '1'], { encoding: 'utf8' })) as { stateRoot: string; executionMs: number; transactions: number; events: object });
  print(`a year, 100 nodes: ${first!.transactions} transactions in ${(first!.executionMs / 1_000).toFixed(1)} s, again in ${(second!.executionMs / 1_000).toFixed(1)} s, ${first!.stateRoot === second!.stateRoot ? 'the same root' : 'ANOTHER ROOT'}; ${JSON.stringify(first!.events)}`);
}

function small(): void {
  const chain = new ReadyChain({}, largeGenesis());
  const { ms, applied } = blocks(chain);
  print(`block of ${TRANSACTIONS} mixed transactions, small state: ${ms.toFixed(1)} ms, median of ${RUNS} (${applied} applied)`);
}

/** One of them by name, or all: each takes less than six minutes. */
const parts: Record<string, () => void | Promise<void>> = { block: small, large: () => large(1_000_000, 100_000), year };
const [wanted, directory = '', ...counts] = process.argv.slice(2);
const [accounts, cases] = counts.map(Number) as [number, number];
if (wanted === 'store') await store(directory, accounts, cases);
else if (wanted === 'stored') await stored(directory, accounts, cases);
else
  for (const name of wanted === undefined ? Object.keys(parts) : [wanted]) {
    const part = parts[name];
    if (!part) throw new Error(`there is no part ${name}; use ${Object.keys(parts).join(', ')}`);
    await part();
  }
