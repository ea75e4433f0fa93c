// The chart's rights and admission policy before a real API server: the agent on a node offers that node, and can do nothing as another.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { PLACE_LABELS } from '../../api/labels.js';
import { createNodeKey } from '../../chain/client/keyFile.js';
import { ensureBinaries } from '../../e2e/cluster/build/ensureBinaries.js';
import { programEnvironment, providerContext } from '../../e2e/cluster/config.js';
import { startControlPlane, type ControlPlane } from '../../e2e/cluster/controlPlane.js';
import { runCommand } from '../../e2e/cluster/shell/runCommand.js';
import { kubectlFor, must, type Kubectl } from '../../e2e/stack/kubectl.js';
import { checkout } from '../../e2e/stack/layout.js';
import { writeServiceAccountKubeconfig } from '../../e2e/stack/serviceAccountKubeconfig.js';
import { EventRecorder } from '../runtime/eventRecorder.js';
import { Informer } from '../runtime/informer.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { kubeApiFromFile } from '../runtime/kubeApiFromFile.js';
import { RESOURCES, within, type ConfigMap, type KubeObject, type Node } from '../runtime/kubeObject.js';
import { createMetrics } from '../runtime/metrics.js';
import { silentLogger } from '../testing/silentLogger.js';
import { commitmentIn, OFFER_KEY } from './offer.js';
import { OfferReconciler } from './offerReconciler.js';

const NODES = ['node-a', 'node-b'];
const OFFERER = 'mainnet-node-offer';
let plane: ControlPlane;
let kubectl: Kubectl;
const as = new Map<string, KubeApi>();

/** What the chart makes of nodes' agents but their pods: accounts, rights, namespace, policy. */
async function rightsInChart(): Promise<KubeObject[]> {
  const { helm } = await ensureBinaries(['helm'], providerContext({ log: () => undefined }));
  const arguments_ = ['template', 'mainnet', path.join(checkout, 'charts/mainnet'), '--namespace', 'enc-system', '--kube-version', '1.37.2', '--set', 'nodeAgent.perNode=true'];
  const objects = parseAllDocuments(await runCommand(helm!, arguments_, { environment: programEnvironment() })).map((document) => document.toJSON() as KubeObject | null);
  const wanted = ({ kind, metadata: { name } }: KubeObject) => /^(ServiceAccount|Namespace|(Cluster)?Role(Binding)?|ValidatingAdmissionPolicy(Binding)?)$/.test(kind!) && /node-(agent|offer)|enc-nodes/.test(name);
  return objects.filter((object) => object !== null).filter(wanted);
}

/** A client with the token that a pod of the account on this node has; undefined: one of no pod. */
async function clientOf(node: string | undefined): Promise<KubeApi> {
  let pod: { name: string; uid: string } | undefined;
  if (node !== undefined) {
    const name = `${OFFERER}-${node}`;
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'enc-system' }, spec: { nodeName: node, serviceAccountName: OFFERER, containers: [{ name: 'c', image: 'none' }] } };
    const made = JSON.parse(await must(kubectl, ['create', '-o', 'json', '-f', '-'], JSON.stringify(object))) as { metadata: { uid: string } };
    pod = { name, uid: made.metadata.uid };
  }
  const file = path.join(plane.folder, `${node ?? 'nobody'}.kubeconfig`);
  await writeServiceAccountKubeconfig(kubectl, { adminKubeconfig: plane.kubeconfig, namespace: 'enc-system', account: OFFERER, file, ...(pod ? { pod } : {}) });
  return kubeApiFromFile(file);
}

beforeAll(async () => {
  plane = await startControlPlane();
  kubectl = kubectlFor(plane.kubeconfig, plane.binDir);
  for (const name of ['enc-system']) await must(kubectl, ['create', 'namespace', name]);
  const items = await rightsInChart();
  await must(kubectl, ['apply', '-f', '-'], items.filter(({ kind }) => kind === 'Namespace').map((item) => JSON.stringify(item)).join('\n---\n'));
  await must(kubectl, ['apply', '-f', '-'], items.map((item) => JSON.stringify(item)).join('\n---\n'));
  for (const name of NODES) {
    await must(kubectl, ['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { [PLACE_LABELS.region]: 'EU' } } }));
    await must(kubectl, ['patch', 'node', name, '--subresource=status', '-p', JSON.stringify({ status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } } })]);
    as.set(name, await clientOf(name));
  }
  // A policy is in force a moment after it was made.
  await vi.waitFor(async () => expect((await kubectl(['create', 'configmap', 'too-early', '-n', 'enc-nodes'])).stderr).toContain('offers of nodes are made by their agents alone'), { timeout: 30_000, interval: 100 });
});
afterAll(async () => {
  for (const api of as.values()) api.close();
  await plane?.stop();
});

const offerPath = (name: string) => RESOURCES.ConfigMap.path(name, 'enc-nodes');
const write = (api: KubeApi, name: string) => api.patch(offerPath(name), 'application/apply-patch+yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { [OFFER_KEY]: '{}' } }, { fieldManager: 'test', force: true });

describe("nodes' own agents", () => {
  it('offer their own nodes, signed by keys of their own, and the agent that holds the account sees it', async () => {
    const logger = silentLogger();
    for (const name of NODES) {
      const api = as.get(name)!;
      const nodes = new Informer<Node>(api, RESOURCES.Node, logger, createMetrics(), { query: { fieldSelector: `metadata.name=${name}` } });
      await nodes.start();
      const reconciler = new OfferReconciler({ api, events: new EventRecorder(api, logger, 'test'), node: (one) => nodes.get(one), named: new Map(), namespace: 'enc-nodes', chainId: 'enc-test', key: createNodeKey(), networkBandwidth: 0 });
      await reconciler.reconcile(name);
      expect(await reconciler.reconcile(name)).toMatchObject({ quiet: 'it is committed so' });
      await nodes.stop();
    }
    const file = path.join(plane.folder, 'agent.kubeconfig');
    await writeServiceAccountKubeconfig(kubectl, { adminKubeconfig: plane.kubeconfig, namespace: 'enc-system', account: 'mainnet-node-agent', file });
    const api = kubeApiFromFile(file);
    const offers = new Informer<ConfigMap>(api, within('enc-nodes', RESOURCES.ConfigMap), logger, createMetrics());
    await offers.start();
    const seen = NODES.map((name) => commitmentIn(offers.get(`enc-nodes/${name}`)));
    await offers.stop();
    api.close();
    expect(seen).toMatchObject(NODES.map((name) => ({ name, region: 'EU', cpuMillis: 4_000 })));
    expect(seen[0]!.blsPublicKey).not.toBe(seen[1]!.blsPublicKey);
  });

  it.each(['node-b', 'node-c', 'kube-root-ca.crt'])('cannot write the offer of %s from node-a', async (name) => {
    await expect(write(as.get('node-a')!, name)).rejects.toMatchObject({ status: 403, message: expect.stringContaining(`"node-a" may offer that node alone, not ${name}`) as string });
  });

  it('cannot write any offer with a token of no pod, and neither can an administrator', async () => {
    const nobody = await clientOf(undefined);
    await expect(write(nobody, 'node-a')).rejects.toMatchObject({ status: 403, message: expect.stringContaining('the agent on node ""') as string });
    nobody.close();
    expect((await kubectl(['patch', 'configmap', 'node-a', '-n', 'enc-nodes', '-p', '{"data":{"more":"x"}}'])).stderr).toContain('made by their agents alone');
  });

  it.each<[string, (api: KubeApi) => Promise<unknown>]>([
    ['list what others offer', (api) => api.get(within('enc-nodes', RESOURCES.ConfigMap).collection)],
    ['delete an offer', (api) => api.delete(offerPath('node-b'))],
    ['label a node, its own neither', (api) => api.patch(RESOURCES.Node.path('node-a'), 'application/merge-patch+json', { metadata: { labels: { [PLACE_LABELS.region]: 'US' } } })],
    ['write where it makes no offers', (api) => api.create('/api/v1/namespaces/enc-system/configmaps', { metadata: { name: 'node-a' } })],
    ['read Secrets', (api) => api.get('/api/v1/secrets')],
  ])('have no right to %s', async (_, act) => {
    await expect(act(as.get('node-a')!)).rejects.toMatchObject({ status: 403 });
  });
});
