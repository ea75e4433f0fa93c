// The chain's part of a story: receipts fetched and verified, and the plugin as a person would run it.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createChainClient } from '../../chain/client/chainClient.js';
import type { Genesis } from '../../chain/types.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';
import { checkout } from '../stack/layout.js';
import { waitFor } from '../stack/waitFor.js';
import type { StoryContext } from './fact.js';

const PLUGIN = path.join(checkout, 'dist/cli/kubectl-enc.js');
const PLUGIN_WITHIN_MS = 60_000;

export type StoryChain = Pick<StoryContext, 'enc' | 'certified' | 'client' | 'genesis' | 'genesisFile' | 'validatorSet' | 'chainId'> & { close(): Promise<void> };

export interface StoryChainOptions {
  /** HTTP APIs of validators. */
  endpoints: string[];
  genesisFile: string;
  /** For the plugin. */
  kubeconfig: string;
}

export async function openStoryChain({ endpoints, genesisFile, kubeconfig }: StoryChainOptions): Promise<StoryChain> {
  const genesis = JSON.parse(readFileSync(genesisFile, 'utf8')) as Genesis;
  const { chainId, validatorSet } = genesis;
  const client = createChainClient({ endpoints, genesis });
  await client.start();
  return {
    client,
    genesis,
    genesisFile,
    validatorSet,
    chainId,
    close: () => client.stop(),

    async certified(id) {
      const bundle = await waitFor(`receipt ${id}`, () => client.receipt(id), { timeoutMs: 20_000 });
      const checked = verifyReceipt(bundle, { chainId, validatorSet });
      if (!checked.ok) throw new Error(`receipt ${id} does not verify: ${checked.message}`);
      const { blockHeight: height, outcome, code } = checked.statement.predicate;
      return { id, height, signers: checked.signers.map((index) => checked.set.validators[index]!.address), outcome, code, bundle };
    },

    enc: (arguments_) =>
      new Promise((resolve) => {
        const env = { ...process.env, ENC_ENDPOINTS: endpoints.join(','), ENC_GENESIS: genesisFile, KUBECONFIG: kubeconfig };
        execFile(process.execPath, [PLUGIN, ...arguments_], { env, timeout: PLUGIN_WITHIN_MS }, (error, stdout, stderr) =>
          resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout, stderr }),
        );
      }),
  };
}
