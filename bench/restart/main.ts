// Measures how long a validator takes from its start to its first answer when its store holds many transactions: node dist/bench/restart/main.js [transactions] [records].
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { SparseMerkleTree } from '../../crypto/sparseMerkleTree.js';
import { sha256Hex } from '../../crypto/hash.js';
import { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import { genesisHash, genesisHeader, genesisState } from '../../chain/ledger/genesis.js';
import { homeFiles, loadGenesis } from '../../chain/node/config.js';
import type { NodeStatus } from '../../chain/node/api/context.js';
import { BlockStore } from '../../chain/node/storage/blockStore.js';
import { bpci, BPCI } from '../../chain/node/testing/processSet.js';
import { testBlock } from '../../chain/node/testing/testBlocks.js';
import { memoryOf } from '../consensus/processFigures.js';

const PER_BLOCK = 2_000;
const API_PORT = 39_901;
const transactions = Number(process.argv[2] ?? 1_000_000);
/** State records; the rest of the transactions changed none. */
const records = Number(process.argv[3] ?? transactions / 10);
const directory = mkdtempSync(path.join(tmpdir(), 'enc-restart-'));
const dataDir = path.join(directory, 'net');
const home = path.join(dataDir, 'validator-0');

function record(index: number): [string, string] {
  return [`workload/shop/pod-${index}`, JSON.stringify({ namespace: 'shop', name: `pod-${index}`, uid: sha256Hex(String(index)), state: 'Running', reason: 'x'.repeat(200), height: index })];
}

async function fill(): Promise<number> {
  const genesis = loadGenesis(homeFiles(home).genesis);
  mkdirSync(homeFiles(home).blocks, { recursive: true });
  const state = [...genesisState(genesis)];
  const store = await BlockStore.open(homeFiles(home).blocks, { chainId: genesis.chainId, genesisHash: genesisHash(genesis), header: genesisHeader(genesis), state });
  let tree = SparseMerkleTree.fromEntries(state);
  const log = MerkleFrontier.empty();
  const blocks = Math.ceil(transactions / PER_BLOCK);
  for (let height = 1; height <= blocks; height++) {
    const from = Math.floor((records * (height - 1)) / blocks);
    const changes = Array.from({ length: Math.floor((records * height) / blocks) - from }, (_, i) => record(from + i));
    tree = tree.update(changes);
    const block = testBlock(height, Math.min(PER_BLOCK, transactions - (height - 1) * PER_BLOCK), log);
    const header = { ...block.header, chainId: genesis.chainId, stateRoot: tree.rootHex, previousHash: sha256Hex(String(height)) };
    await store.commit({ block: { ...block, header }, state: changes });
  }
  store.opened();
  await store.close();
  return blocks;
}

async function start(): Promise<{ ms: number; ownMiB: number; mappedMiB: number; height: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, [BPCI, 'start', '--home', home], { stdio: 'ignore' });
  try {
    for (;;) {
      const status = await fetch(`http://127.0.0.1:${API_PORT}/v1/status`).then((answer) => answer.json() as Promise<NodeStatus>).catch(() => undefined);
      if (status) {
        return { ms: performance.now() - began, ...memoryOf(child.pid!), height: status.height };
      }
      if (child.exitCode !== null) throw new Error(`the validator ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

try {
  const made = bpci('init', '--data-dir', dataDir, '--chain-id', 'restart', '--api-port', String(API_PORT), '--metrics-port', String(API_PORT + 100));
  if (made.code !== 0) throw new Error(made.stderr);
  const began = performance.now();
  const blocks = await fill();
  console.log(`${transactions} transactions in ${blocks} blocks and ${records} state records stored in ${Math.round(performance.now() - began)} ms; ${Math.round(statSync(path.join(homeFiles(home).blocks, 'data.mdb')).size / 2 ** 20)} MiB`);
  for (let run = 1; run <= 3; run++) {
    const { ms, ownMiB, mappedMiB, height } = await start();
    console.log(`start ${run}: answers at height ${height} after ${Math.round(ms)} ms, resident ${Math.round(ownMiB)} MiB of its own and ${Math.round(mappedMiB)} MiB of mapped files`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
