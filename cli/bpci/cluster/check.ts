// helm test, first: every validator answers on the published genesis, and the chain moves on under certificates that verify against it.
import { setTimeout as sleep } from 'node:timers/promises';
import { createChainClient } from '../../../chain/client/chainClient.js';
import { genesisHash } from '../../../chain/ledger/genesis.js';
import type { Genesis } from '../../../chain/types.js';
import { CliError } from '../cliError.js';
import { ask } from '../validatorApi.js';
import type { ClusterSettings } from './settings.js';

const MOVES_WITHIN_BLOCK_TIMES = 10;
const LOOK_EVERY_MS = 200;

/** Of the validators in this cluster. */
const endpointsOf = ({ validators, ports }: ClusterSettings): { name: string; url: string }[] =>
  validators.filter(({ keys }) => !keys).map(({ name, host }) => ({ name, url: `http://${host}:${ports.api}` }));

/** Rejects with CliError naming the validator, or the height at which the chain stands. */
export async function check(settings: ClusterSettings, genesis: Genesis, print: (line: string) => void): Promise<void> {
  const expected = genesisHash(genesis);
  const endpoints = endpointsOf(settings);
  for (const { name, url } of endpoints) {
    const hash = genesisHash(await ask<Genesis>(url, '/v1/genesis'));
    if (hash !== expected) throw new CliError(`${name} runs on genesis ${hash}, published is ${expected}`, 1);
    const { height, halted } = await ask<{ height: number; halted: object | null }>(url, '/v1/status');
    print(`${name}: height ${height}${halted ? `, halted: ${JSON.stringify(halted)}` : ''}`);
  }
  const client = createChainClient({ endpoints: endpoints.map(({ url }) => url), genesis });
  await client.start();
  try {
    const before = client.head().height;
    const deadline = Date.now() + MOVES_WITHIN_BLOCK_TIMES * settings.blockTimeMs;
    while (client.head().height === before) {
      if (Date.now() > deadline) throw new CliError(`the chain stands at certified height ${before}; ask "bpci why-halted"`, 1);
      await sleep(LOOK_EVERY_MS);
    }
    print(`the chain moves: certified height ${client.head().height}, every certificate checked against genesis ${expected}`);
  } finally {
    await client.stop();
  }
}
