// Gives a program outside the cluster a kubeconfig with a ServiceAccount's token, so that it has that account's RBAC and no more.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { must, type Kubectl } from './kubectl.js';

interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, unknown> }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  'current-context': string;
}

const TOKEN_LIFETIME = '720h';

/** Writes `file` (mode 0600) for `account` (a ServiceAccount in `namespace`) at the admin kubeconfig's current cluster. */
export async function writeServiceAccountKubeconfig(
  kubectl: Kubectl,
  { adminKubeconfig, namespace, account, file, pod }: { adminKubeconfig: string; namespace: string; account: string; file: string; /** The token is that of this pod. */ pod?: { name: string; uid: string } },
): Promise<void> {
  const bound = pod ? ['--bound-object-kind=Pod', `--bound-object-name=${pod.name}`, `--bound-object-uid=${pod.uid}`] : [];
  const token = (await must(kubectl, ['create', 'token', account, '-n', namespace, `--duration=${TOKEN_LIFETIME}`, ...bound])).trim();
  const admin = parse(readFileSync(adminKubeconfig, 'utf8')) as Kubeconfig;
  const context = admin.contexts.find(({ name }) => name === admin['current-context']);
  const cluster = admin.clusters.find(({ name }) => name === context?.context.cluster);
  if (!cluster) throw new Error(`${adminKubeconfig}: current-context '${admin['current-context']}' names no cluster`);
  mkdirSync(path.dirname(file), { recursive: true });
  const made = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'enc', cluster: cluster.cluster }],
    users: [{ name: account, user: { token } }],
    contexts: [{ name: 'enc', context: { cluster: 'enc', user: account, namespace } }],
    'current-context': 'enc',
  };
  writeFileSync(file, stringify(made), { mode: 0o600 });
}
