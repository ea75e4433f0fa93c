// Opens a story on a running stack: kubectl, the plugin, and a reader of certified receipts.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createChainClient } from '../../chain/client/chainClient.js';
import type { Genesis } from '../../chain/types.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';
import type { Cluster } from '../cluster/provider.js';
import { kubectlFor } from '../stack/kubectl.js';
import type { Layout } from '../stack/layout.js';
import { waitFor } from '../stack/waitFor.js';
import type { CertifiedReceipt, StoryContext } from './fact.js';

export async function openStory(layout: Layout, cluster: Cluster): Promise<StoryContext & { close(): Promise<void> }> {
  const genesis = JSON.parse(readFileSync(layout.genesis, 'utf8')) as Genesis;
  const client = createChainClient({ endpoints: layout.endpoints, genesis });
  await client.start();
  const trusted = { chainId: genesis.chainId, validatorSet: genesis.validatorSet };

  const certified = async (receiptId: string): Promise<CertifiedReceipt> => {
    const bundle = await waitFor(`receipt ${receiptId}`, () => client.receipt(receiptId), { timeoutMs: 20_000 });
    const checked = verifyReceipt(bundle, trusted);
    if (!checked.ok) throw new Error(`receipt ${receiptId} does not verify: ${checked.message}`);
    const { predicate } = checked.statement;
    return {
      id: receiptId,
      height: predicate.blockHeight,
      signers: checked.signers.map((index) => checked.set.validators[index]!.address),
      outcome: predicate.outcome,
      code: predicate.code,
      bundle,
    };
  };

  const enc = (arguments_: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [layout.program('cli/kubectl-enc.js'), ...arguments_],
        { env: { ...process.env, ENC_ENDPOINTS: layout.endpoints.join(','), ENC_GENESIS: layout.genesis, KUBECONFIG: cluster.kubeconfig }, timeout: 60_000 },
        (error, stdout, stderr) => resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout, stderr }),
      );
    });

  return {
    layout,
    cluster,
    kubectl: kubectlFor(cluster.kubeconfig, cluster.binDir),
    enc,
    certified,
    client,
    genesis,
    validatorSet: genesis.validatorSet,
    chainId: genesis.chainId,
    close: () => client.stop(),
  };
}
