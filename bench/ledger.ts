// Measures the ledger alone, without signatures, disk and network: blocks of mixed transactions, a large state, a year of rewards. make bench-ledger
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SparseMerkleTree } from '../crypto/sparseMerkleTree.js';
import { sha256Hex } from '../crypto/hash.js';
import { canonicalJson } from '../crypto/canonicalJson.js';
import type { CaseRecord } from '../chain/courtTypes.js';
import type { AccountRecord, SupplyRecord, TransactionType, Payloads } from '../chain/types.js';
import { stateKeys } from '../chain/types.js';
import { executeBlock } from '../chain/ledger/executeBlock.js';
import { encodeTransaction } from '../chain/ledger/transaction.js';
import { MemoryState } from '../chain/ledger/memoryState.js';
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

function blocks(chain: Pick<ReadyChain, 'genesis' | 'state' | 'tree' | 'frontier' | 'header'>): { ms: number; applied: number } {
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

function large(accounts: number, cases: number): void {
  const genesis = largeGenesis();
  const ready = new ReadyChain({}, genesis);
  const state = new MemoryState([...ready.state.entries(), ...manyRecords(accounts, cases)]);
  const supply = JSON.parse(state.get(stateKeys.supply)!) as SupplyRecord;
  state.apply([[stateKeys.supply, canonicalJson({ ...supply, total: supply.total + accounts * 1_000 })]]);
  const began = performance.now();
  const tree = SparseMerkleTree.fromEntries(state.list(''));
  const built = performance.now() - began;
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const { ms, applied } = blocks({ genesis, state, tree, frontier: ready.frontier, header: ready.header });
  print(`${accounts} accounts, ${cases} open cases: tree built in ${Math.round(built)} ms, heap ${Math.round(heapUsed / MIB)} MiB (resident ${Math.round(rss / MIB)} MiB); block of ${TRANSACTIONS} in ${ms.toFixed(1)} ms (${applied} applied)`);
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
const parts: Record<string, () => void> = { block: small, large: () => large(1_000_000, 100_000), year };
const wanted = process.argv.slice(2);
for (const name of wanted.length === 0 ? Object.keys(parts) : wanted) {
  const part = parts[name];
  if (!part) throw new Error(`there is no part ${name}; use ${Object.keys(parts).join(', ')}`);
  part();
}
