// Opens a story in a pod of the cluster that it is about: the API server as the pod's account, the validators as every program reaches them, keys of parties made for it alone.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { stateKeys, type NodeRecord } from '../../../chain/types.js';
import { generateEd25519 } from '../../../crypto/ed25519.js';
import type { KubeApi } from '../../../operator/runtime/kubeApi.js';
import { kubeApiFor } from '../../../operator/runtime/kubeApiFor.js';
import { RESOURCES } from '../../../operator/runtime/kubeObject.js';
import { checkout } from '../../stack/layout.js';
import { waitFor } from '../../stack/waitFor.js';
import type { StoryObject } from '../clusterAccess.js';
import type { StoryContext } from '../fact.js';
import { openStoryChain } from '../storyChain.js';
import { adapted, namedIn } from './adapted.js';
import { apiAccess } from './apiAccess.js';
import type { InClusterOptions } from './config.js';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Percent: two thirds. */
const LEAST_THRESHOLD = 67;
const NODES_WITHIN_MS = 20_000;
const PARTIES = ['bank', 'processor'];
/** Prints a line and waits; the chart's image has node and nothing else. */
const COMMAND = ['/usr/bin/node', '-e', "console.log('running');process.on('SIGTERM',()=>process.exit(0));setInterval(()=>{},1e6)"];
const RESTRICTED = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, runAsUser: 65_532, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } };

export interface InClusterStory extends StoryContext {
  /** Regions of the nodes that are committed and ready. */
  regions: string[];
  close(): Promise<void>;
}

export async function openInCluster({ endpoints, genesisFile, namespace, image, imagePullPolicy, workDir, agreementSeconds, kubeconfig }: InClusterOptions): Promise<InClusterStory> {
  const heard: string[] = [];
  const api = await kubeApiFor(kubeconfig, (warning) => heard.push(warning));
  mkdirSync(workDir, { recursive: true });
  const keyFile = (party: string) => path.join(workDir, `${party}.key`);
  for (const party of PARTIES) writeFileSync(keyFile(party), JSON.stringify(generateEd25519()), { mode: 0o600 });
  const { metadata } = await api.get<{ metadata: { uid: string } }>(RESOURCES.Namespace.path(namespace));
  const chain = await openStoryChain({ endpoints, genesisFile, kubeconfig: kubeconfig ?? ownKubeconfig(workDir, namespace) });
  const regions = await regionsOf(chain);
  const home = regions.includes('EU') ? 'EU' : (regions[0] ?? 'EU');
  const container = { image, imagePullPolicy, command: COMMAND, securityContext: RESTRICTED, resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } } };
  const clusterId = randomUUID();
  return {
    ...chain,
    access: apiAccess(api, namespace, () => heard.splice(0)),
    namespace,
    home,
    regions,
    storyDir: workDir,
    keyFile,
    container,
    named: (name) => namedIn(namespace, name),
    makeNamespace: () => Promise.resolve(),
    example(file) {
      const object = parse(readFileSync(path.join(checkout, 'examples', file), 'utf8')) as StoryObject;
      const now = Date.now();
      const agreement = { validFrom: new Date(now - 60_000).toISOString(), validUntil: new Date(now + agreementSeconds * 1_000).toISOString() };
      return adapted(object, { namespace: { name: namespace, uid: metadata.uid }, home, container, validators: { endpoints, finalityThreshold: Math.max(LEAST_THRESHOLD, chain.validatorSet.quorumPercent) }, clusterId, agreement });
    },
    answerOf: (pod) => runningSince(api, namespace, pod),
    async close() {
      api.close();
      await chain.close();
    },
  };
}

/** As the kubelet tells it. */
function runningSince(api: KubeApi, namespace: string, pod: string): Promise<string> {
  return waitFor(`the container of ${pod}`, async () => {
    const { status } = await api.get<{ status?: { containerStatuses?: { state: { running?: { startedAt: string } } }[] } }>(RESOURCES.Pod.path(pod, namespace));
    const since = status?.containerStatuses?.[0]?.state.running?.startedAt;
    return since !== undefined && `its kubelet says that it runs since ${since}`;
  });
}

/** None within a while: nothing can be placed. */
async function regionsOf({ client }: Pick<StoryContext, 'client'>): Promise<string[]> {
  const ready = async () => (await client.listState<NodeRecord>(stateKeys.node(''))).flatMap(({ value }) => (value.ready ? [value.region] : []));
  return waitFor('a node', async () => {
    const found = await ready();
    return found.length > 0 && found;
  }, { timeoutMs: NODES_WITHIN_MS, everyMs: 1_000 }).catch(() => []);
}

/** Of the pod's account: for programs that read one. The token is good for longer than the story takes. */
function ownKubeconfig(workDir: string, namespace: string): string {
  const file = path.join(workDir, 'kubeconfig.yaml');
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = process.env;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'pod',
    clusters: [{ name: 'pod', cluster: { server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, 'certificate-authority': path.join(ACCOUNT, 'ca.crt') } }],
    users: [{ name: 'pod', user: { token: readFileSync(path.join(ACCOUNT, 'token'), 'utf8').trim() } }],
    contexts: [{ name: 'pod', context: { cluster: 'pod', user: 'pod', namespace } }],
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}
