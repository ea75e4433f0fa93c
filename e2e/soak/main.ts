// make soak: four real validators under load and random kill -9, then everything they promised checked from their own data: node dist/e2e/soak/main.js [seconds].
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromUtf8 } from '../../crypto/encoding.js';
import type { VoteRecord } from '../../chain/consensus/types.js';
import { homeFiles } from '../../chain/node/config.js';
import { parseLog } from '../../chain/node/storage/logFrames.js';
import { bpci, ProcessSet, until } from '../../chain/node/testing/processSet.js';
import { report, submit, type TestTransaction } from '../../chain/node/testing/testClient.js';
import type { Block, FinalisedBlock } from '../../chain/types.js';

const SIZE = 4;
const PER_REQUEST = 5;
/** Milliseconds between kills: an hour of one kill a minute in a minute and a half. */
const KILL_EVERY = { least: 1_000, span: 1_000 };
const seconds = Number(process.argv[2] ?? 180);
const acknowledged = new Map<string, TestTransaction>();
let kills = 0;

function mustHold(what: string, holds: boolean, detail = ''): void {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${detail === '' ? '' : `: ${detail}`}`);
  if (!holds) process.exitCode = 1;
}

/** To one validator after the other; one that is just down is passed over. */
async function offer(set: ProcessSet, until: number): Promise<void> {
  for (let turn = 0; Date.now() < until; turn++) {
    const index = turn % SIZE;
    try {
      const { height } = await set.status(index);
      const transactions = Array.from({ length: PER_REQUEST }, () => report(set, height + 900));
      const { acknowledgements } = await submit(set, index, transactions);
      const taken = new Set(acknowledgements.map(({ transactionId }) => transactionId));
      for (const transaction of transactions) if (taken.has(transaction.id)) acknowledged.set(transaction.id, transaction);
    } catch {
      // It was killed: what it has not acknowledged it has not promised.
    }
    await sleep(60);
  }
}

async function killAtRandom(set: ProcessSet, until: number): Promise<void> {
  while (Date.now() < until) {
    const victim = Math.floor(Math.random() * SIZE);
    await set.kill('SIGKILL', victim);
    kills += 1;
    set.start(victim);
    await sleep(KILL_EVERY.least + Math.random() * KILL_EVERY.span);
  }
}

/** Of one validator's own log: how many votes, and those that say two things of one type in one height and round. */
function votesOf(home: string): { count: number; contradictions: string[] } {
  const said = new Map<string, string>();
  const contradictions: string[] = [];
  const { payloads } = parseLog(readFileSync(homeFiles(home).votes));
  const records = payloads.flatMap((payload) => (JSON.parse(fromUtf8(payload)) as { record?: VoteRecord<Block> }).record ?? []);
  for (const { vote: { payload } } of records) {
    const key = `${payload.type}/${payload.height}/${payload.round}`;
    const what = payload.type === 'roundChange' ? `${payload.preparedRound}/${payload.preparedDigest}` : payload.digest;
    if ((said.get(key) ?? what) !== what) contradictions.push(key);
    said.set(key, what);
  }
  return { count: records.length, contradictions };
}

function exported(set: ProcessSet, index: number): { file: string; blocks: FinalisedBlock[] } {
  const file = path.join(set.directory, `export-${index}.jsonl`);
  const end = bpci('export', '--home', set.home(index), '--out', file);
  if (end.code !== 0) throw new Error(end.stderr);
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  return { file, blocks: lines.map((line) => JSON.parse(line) as FinalisedBlock) };
}

async function check(set: ProcessSet): Promise<void> {
  const chains = set.all.map((index) => exported(set, index));
  const top = Math.min(...chains.map(({ blocks }) => blocks.length));
  const hashes = chains.map(({ blocks }) => blocks.slice(0, top).map(({ certificate }) => certificate.blockHash).join());
  mustHold('no two blocks at a height', new Set(hashes).size === 1, `${top} heights, ${SIZE} validators`);
  const roots = chains.map(({ blocks }) => blocks[top - 1]!.header.stateRoot);
  mustHold('the same state root everywhere', new Set(roots).size === 1, roots[0]);
  for (const [index, { file }] of chains.entries()) {
    const { code, stdout, stderr } = bpci('replay', '--file', file);
    mustHold(`validator ${index}'s export executed again from genesis gives its roots`, code === 0, code === 0 ? /state root +(\w+)/.exec(stdout)?.[1] : stderr.trim());
  }
  const longest = chains.toSorted((a, b) => b.blocks.length - a.blocks.length)[0]!.blocks;
  const executed = new Set(longest.flatMap(({ transactions }) => transactions));
  const lost = [...acknowledged.values()].filter(({ raw }) => !executed.has(raw));
  mustHold('no acknowledged transaction lost', lost.length === 0, `${acknowledged.size} acknowledged, ${lost.length} missing`);
  const votes = set.all.map((index) => votesOf(set.home(index)));
  const contradictions = votes.flatMap((one, index) => one.contradictions.map((key) => `validator-${index} ${key}`));
  mustHold('no double votes', contradictions.length === 0, contradictions[0] ?? `${votes.reduce((sum, { count }) => sum + count, 0)} votes in ${SIZE} logs`);
}

const set = await ProcessSet.create(SIZE, '--block-time', '500ms');
try {
  set.start(...set.all);
  await until('a first block', async () => (await set.status(0)).height > 0);
  const end = Date.now() + seconds * 1_000;
  await Promise.all([offer(set, end), killAtRandom(set, end)]);
  console.log(`${kills} kills in ${seconds} s, ${acknowledged.size} transactions acknowledged`);
  const last = [...acknowledged.keys()].slice(-PER_REQUEST * SIZE);
  for (const index of set.all) for (const id of last) await until(`${id} at validator ${index}`, () => set.get(index, `/v1/transactions/${id}`), 120_000);
  await set.kill('SIGTERM', ...set.all);
  await check(set);
} finally {
  await set.destroy();
}
