// Kyverno's admission controller before a bare API server, as its own development guide runs it outside the cluster.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { ensureBinaries } from '../../e2e/cluster/build/ensureBinaries.js';
import { clusterSources } from '../../e2e/cluster/checkout.js';
import { goEnvironment, programEnvironment, providerContext, readClusterConfig } from '../../e2e/cluster/config.js';
import { runCommand } from '../../e2e/cluster/shell/runCommand.js';
import { must, type Kubectl } from '../../e2e/stack/kubectl.js';
import { until } from '../../chain/node/testing/processSet.js';
import { kyvernoPolicy } from './rules.js';
import type { PodClient } from './load.js';

const SYSTEM = 'kyverno';
const CRDS = ['kyverno', 'policies.kyverno.io', 'policyreport', 'reports'];

/** Where the pinned module is unpacked: its CRDs are applied from there. */
async function moduleFolder(): Promise<string> {
  const folder = path.join(clusterSources, 'tools', 'kyverno');
  const folderOf = await runCommand('go', ['list', '-m', '-f', '{{.Dir}}', 'github.com/kyverno/kyverno'], { cwd: folder, environment: goEnvironment() });
  return folderOf.trim();
}

export interface Kyverno {
  pid: number;
  stop(): Promise<void>;
}

export async function startKyverno(kubectl: Kubectl, { kubeconfig, folder, port, pods, log }: { kubeconfig: string; folder: string; port: number; pods: PodClient; log: (text: string) => void }): Promise<Kyverno> {
  const { kyverno } = await ensureBinaries(['kyverno'], { ...providerContext({ log }, readClusterConfig()), log });
  const source = await moduleFolder();
  await must(kubectl, ['create', 'namespace', SYSTEM]);
  await must(kubectl, ['apply', '--server-side', ...CRDS.flatMap((group) => ['-f', path.join(source, 'config/crds', group)])]);
  await until('Kyverno’s kinds to be served', async () => (await kubectl(['get', 'validatingpolicies.policies.kyverno.io'])).code === 0);
  for (const name of ['kyverno', 'kyverno-metrics']) await must(kubectl, ['create', 'configmap', name, '-n', SYSTEM, '--from-literal=webhooks={}']);
  const output = openSync(path.join(folder, 'kyverno.log'), 'a');
  const child: ChildProcess = spawn(
    kyverno!,
    [
      `--kubeconfig=${kubeconfig}`,
      `--serverIP=127.0.0.1:${port}`,
      `--webhookServerPort=${port}`,
      '--webhookServerHost=127.0.0.1',
      '--backgroundServiceAccountName=system:serviceaccount:kyverno:kyverno-background-controller',
      '--caSecretName=kyverno-svc.kyverno.svc.kyverno-tls-ca',
      '--tlsSecretName=kyverno-svc.kyverno.svc.kyverno-tls-pair',
      '--admissionReports=false',
      '--disableMetrics=true',
      '--controllerRuntimeMetricsAddress=0',
    ],
    {
      stdio: ['ignore', output, output],
      env: programEnvironment({ KYVERNO_NAMESPACE: SYSTEM, KYVERNO_SERVICEACCOUNT_NAME: 'kyverno', KYVERNO_DEPLOYMENT: 'kyverno', KYVERNO_POD_NAME: 'kyverno', INIT_CONFIG: 'kyverno', METRICS_CONFIG: 'kyverno-metrics', KYVERNO_SVC: 'kyverno-svc' }),
    },
  );
  closeSync(output);
  const stop = async () => {
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await ended;
    }
    for (const kind of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']) await must(kubectl, ['delete', kind, '--all']);
  };
  try {
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(kyvernoPolicy));
    await until('Kyverno to refuse what its policy refuses', () => pods.refuses(), 120_000);
    return { pid: child.pid!, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
