// `make bench`: measures the running stack (make up) into one table and bench/results/path.json.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createChainClient } from '../chain/client/chainClient.js';
import { loadKeyFile } from '../chain/client/keyFile.js';
import type { Genesis } from '../chain/types.js';
import type { Cluster } from '../e2e/cluster/provider.js';
import { checkout, layoutOf } from '../e2e/stack/layout.js';
import { kubeApiFromFile } from '../operator/runtime/kubeApiFromFile.js';
import { measureAdmission } from './admission.js';
import { measureChain } from './chain.js';
import { measureMemory } from './memory.js';
import { measurePlacement } from './placement.js';
import { median, writeResults, type Row } from './results.js';

const RUNS = 3;
const stateDir = path.join(checkout, '.enc');
const stackFile = path.join(stateDir, 'stack.json');
if (!existsSync(stackFile)) {
  console.error('bench: nothing runs here; bring it up first with make up');
  process.exit(2);
}
const { cluster, settings } = JSON.parse(readFileSync(stackFile, 'utf8')) as { cluster: Cluster; settings: { validators: number } };
const layout = layoutOf({ stateDir, validators: settings.validators, portOffset: 0 });
const genesis = JSON.parse(readFileSync(layout.genesis, 'utf8')) as Genesis;
const client = createChainClient({ endpoints: layout.endpoints, genesis, key: loadKeyFile(layout.keyFile('operator')) });
const api = kubeApiFromFile(cluster.kubeconfig);
await client.start();
try {
  const runs: Row[][] = [];
  for (let run = 1; run <= RUNS; run++) {
    console.log(`run ${run} of ${RUNS}`);
    runs.push([...(await measureAdmission(api)), ...(await measurePlacement(api)), ...(await measureChain(client, genesis)), ...measureMemory(layout)]);
  }
  const rows = runs[0]!.map((row, index): Row => {
    const same = runs.map((rowsOfRun) => rowsOfRun[index]!);
    return { ...row, ours: median(same.map(({ ours }) => ours)), peer: row.peer === null ? null : median(same.map(({ peer }) => peer!)) };
  });
  writeResults('path', RUNS, rows);
} finally {
  await client.stop();
  api.close();
}
