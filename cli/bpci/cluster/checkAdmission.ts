// helm test: the API server asks the webhooks, which refuse what no EncCluster enforces; the refusal's receipt is in the chain, verifies against the genesis, and does not once it was changed.
import { createChainClient } from '../../../chain/client/chainClient.js';
import type { Genesis } from '../../../chain/types.js';
import type { KubeApi } from '../../../operator/runtime/kubeApi.js';
import { KubeError } from '../../../operator/runtime/kubeError.js';
import { RESOURCES } from '../../../operator/runtime/kubeObject.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReceiptBundle } from '../../../receipts/types.js';
import { verifyReceipt } from '../../../receipts/verify/verifyReceipt.js';
import { CliError } from '../cliError.js';

const CERTIFIED_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 500;
const EXPECTED = 'NamespaceNotEnforced';

export interface AdmissionCheck {
  api: KubeApi;
  genesis: Genesis;
  endpoints: readonly string[];
  /** One that no EncCluster enforces; nothing comes into it. */
  namespace: string;
  print: (line: string) => void;
}

/** Rejects with CliError saying which of it does not hold. */
export async function checkAdmission({ api, genesis, endpoints, namespace, print }: AdmissionCheck): Promise<void> {
  const refusal = await refusedWorkload(api, namespace);
  const receiptId = /receipt ([0-9a-f]{64})/.exec(refusal)?.[1];
  if (!refusal.includes(EXPECTED) || receiptId === undefined) throw new CliError(`a Workload in ${namespace} was refused, but not by the mainnet with a receipt: ${refusal}`, 1);
  print(`refused: ${refusal}`);
  const client = createChainClient({ endpoints: [...endpoints], genesis });
  await client.start();
  try {
    const bundle = await certified(() => client.receipt(receiptId), receiptId);
    const trusted = { chainId: genesis.chainId, validatorSet: genesis.validatorSet };
    const verdict = verifyReceipt(bundle, trusted);
    if (!verdict.ok) throw new CliError(`receipt ${receiptId} does not verify against the published genesis: ${verdict.message}`, 1);
    print(`receipt ${receiptId} verifies: block ${verdict.statement.predicate.blockHeight}, certified by ${verdict.signers.length} of ${verdict.set.validators.length} validators`);
    if (verifyReceipt(changed(bundle), trusted).ok) throw new CliError(`receipt ${receiptId} verifies although it was changed`, 1);
    print('the same receipt with one character changed does not verify');
  } finally {
    await client.stop();
  }
}

/** What the API server said to a Workload that nobody may have; tried as a real one, for a dry run leaves no receipt. */
async function refusedWorkload(api: KubeApi, namespace: string): Promise<string> {
  const { apiVersion, kind } = RESOURCES.Workload;
  const path = `/apis/${apiVersion}/namespaces/${namespace}/workloads`;
  const template = { spec: { containers: [{ name: 'main', image: 'none', resources: { requests: { cpu: '1m', memory: '1Mi' } } }] } };
  const spec = { clusterRef: 'none', kind: 'Deployment', replicas: 1, dataClassification: 'Public', dataRegion: 'EU', destinationRegions: ['EU'], operationType: 'Process', template };
  try {
    await api.create(path, { apiVersion, kind, metadata: { name: 'helm-test', namespace }, spec });
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return error.message;
    throw error;
  }
  throw new CliError(`a Workload in ${namespace}, which nothing enforces, was let through: are the webhooks registered (kubectl get validatingwebhookconfigurations)?`, 1);
}

async function certified(receipt: () => Promise<ReceiptBundle>, id: string): Promise<ReceiptBundle> {
  const deadline = Date.now() + CERTIFIED_WITHIN_MS;
  for (;;) {
    try {
      return await receipt();
    } catch (cause) {
      if (Date.now() > deadline) throw new CliError(`receipt ${id} was not certified within ${CERTIFIED_WITHIN_MS} ms: ${(cause as Error).message}`, 1, { cause });
      await sleep(LOOK_EVERY_MS);
    }
  }
}

function changed(bundle: ReceiptBundle): ReceiptBundle {
  const { payload } = bundle.envelope;
  const at = Math.floor(payload.length / 2);
  return { ...bundle, envelope: { ...bundle.envelope, payload: `${payload.slice(0, at)}${payload[at] === 'A' ? 'B' : 'A'}${payload.slice(at + 1)}` } };
}
