// Four live validators and one webhook server before a bare API server, with as many policies in force as are asked for.
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { withDefaults } from '../../api/defaults.js';
import type { EncClusterSpec } from '../../api/index.js';
import { createChainClient } from '../../chain/client/chainClient.js';
import type { ChainClient } from '../../chain/client/types.js';
import { freePorts } from '../../chain/node/testing/freePorts.js';
import { ProcessSet, until } from '../../chain/node/testing/processSet.js';
import { checkout } from '../../e2e/stack/layout.js';
import { must, type Kubectl } from '../../e2e/stack/kubectl.js';
import { writeServiceAccountKubeconfig } from '../../e2e/stack/serviceAccountKubeconfig.js';
import { otherPolicy, ownPolicy } from './rules.js';

const VALIDATORS = 4;
const cluster = withDefaults('EncCluster', {
  clusterId: '6f1c2a34-9b1d-4c55-8f0e-2d7b6a5c4e31',
  regions: ['EU', 'US'],
  validators: { size: VALIDATORS, endpoints: ['http://127.0.0.1:21001'] },
} as EncClusterSpec);

export interface Ours {
  webhookPid: number;
  validatorPids: number[];
  /** Puts policies on the chain until so many are in force there and in the webhook's eyes. */
  policies(count: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startOurs(kubectl: Kubectl, { kubeconfig, folder }: { kubeconfig: string; folder: string }): Promise<Ours> {
  const profile = process.env.BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : [];
  const set = await ProcessSet.create(VALIDATORS);
  set.startWith(profile, ...set.all);
  const files = ['config/rbac/00-namespace.yaml', 'config/rbac/webhooks.yaml', 'crds'].flatMap((name) => ['-f', path.join(checkout, name)]);
  await must(kubectl, ['apply', '--server-side', ...files]);
  const own = path.join(folder, 'webhooks.kubeconfig');
  await writeServiceAccountKubeconfig(kubectl, { adminKubeconfig: kubeconfig, namespace: 'enc-system', account: 'enc-webhooks', file: own });
  const endpoints = set.all.map((index) => set.endpoint(index));
  /** Follows the chain only while it writes: following costs, and what is measured runs on the same machine. */
  const asOperator = async (write: (client: ChainClient) => Promise<unknown>) => {
    const client = createChainClient({ endpoints, genesis: set.genesis, key: set.key('operator') });
    await client.start();
    await write(client);
    await client.stop();
  };
  const put = async (client: ChainClient, name: string, spec: typeof ownPolicy) => {
    const submission = await client.submit('policy.put', { name, uid: `uid-${name}`, generation: 1, spec });
    const { outcome, reason } = await submission.finalised();
    if (outcome !== 'applied') throw new Error(`policy ${name}: ${reason}`);
  };
  await asOperator(async (client) => {
    await (await client.submit('cluster.put', { name: 'eu-cluster', uid: 'c1', generation: 1, spec: cluster })).finalised();
    await put(client, 'sovereignty', ownPolicy);
  });
  let inForce = 1;
  const [port, metricsPort] = await freePorts(2);
  const flags = {
    kubeconfig: own,
    'chain-endpoints': endpoints.join(','),
    genesis: path.join(set.dataDir, 'genesis.json'),
    key: path.join(set.dataDir, 'keys/webhook.key'),
    port,
    'metrics-port': metricsPort,
    register: `https://127.0.0.1:${port}`,
    'state-dir': path.join(folder, 'webhooks'),
    'log-level': 'warn',
  };
  const program = path.join(checkout, 'dist/webhooks/main.js');
  const webhooks: ChildProcess = spawn(process.execPath, [...profile, program, ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)])], { stdio: 'ignore' });
  await until('the webhooks to be ready', async () => (await fetch(`http://127.0.0.1:${metricsPort}/readyz`)).ok);
  return {
    webhookPid: webhooks.pid!,
    validatorPids: set.all.map((index) => set.pid(index)),
    async policies(count) {
      await asOperator(async (client) => {
        while (inForce < count) {
          const batch = Array.from({ length: Math.min(50, count - inForce) }, (_, i) => inForce + i);
          await Promise.all(batch.map((index) => put(client, `limit-${index}`, otherPolicy(index))));
          inForce += batch.length;
        }
        await until('the policies to be in force', () => Promise.resolve(client.policySet().policies.length === count));
      });
    },
    async stop() {
      const ended = new Promise<void>((resolve) => webhooks.once('exit', () => resolve()));
      webhooks.kill('SIGTERM');
      await ended;
      await set.kill('SIGTERM', ...set.all);
      await set.destroy();
      for (const kind of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'mutatingadmissionpolicybindings', 'mutatingadmissionpolicies']) await must(kubectl, ['delete', kind, '--all']);
    },
  };
}
