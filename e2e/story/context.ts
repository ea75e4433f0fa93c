// Opens a story on a running stack: kubectl, the examples as they are, and the keys that lie beside it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Cluster } from '../cluster/provider.js';
import { kubectlFor, must } from '../stack/kubectl.js';
import { checkout, type Layout } from '../stack/layout.js';
import { waitFor } from '../stack/waitFor.js';
import { accepted, type StoryObject } from './clusterAccess.js';
import type { LocalStory } from './fact.js';
import { kubectlAccess } from './kubectlAccess.js';
import { openStoryChain } from './storyChain.js';

const NAMESPACE = 'payments';

interface Pinned {
  spec: { template?: { spec: { nodeSelector?: Record<string, string> } } };
}

export async function openStory(layout: Layout, cluster: Cluster): Promise<LocalStory & { close(): Promise<void> }> {
  const { genesis: genesisFile, endpoints, storyDir, keyFile } = layout;
  const kubectl = kubectlFor(cluster.kubeconfig, cluster.binDir);
  const access = kubectlAccess(kubectl, NAMESPACE);
  const example = (file: string): StoryObject => {
    const object = parse(readFileSync(path.join(checkout, 'examples', file), 'utf8')) as StoryObject & Pinned;
    // Where this machine runs no real node, nothing is pinned to one.
    if (!cluster.capabilities.realNode) delete object.spec?.template?.spec.nodeSelector?.['enc.metanode.io/runtime'];
    return object;
  };
  return {
    ...(await openStoryChain({ endpoints, genesisFile, kubeconfig: cluster.kubeconfig })),
    layout,
    cluster,
    kubectl,
    access,
    namespace: NAMESPACE,
    home: 'EU',
    storyDir,
    keyFile,
    example,
    named: (name) => name,
    container: { image: 'enc.local/demo:1', imagePullPolicy: 'Never' },
    async makeNamespace() {
      await accepted(access.apply(example('00-namespace.yaml')));
    },
    answerOf: (pod, node) => (cluster.realNodes.includes(node) ? firstLogLine(kubectl, pod) : Promise.resolve(undefined)),
  };
}

/** As `kubectl logs` shows it. */
function firstLogLine(kubectl: LocalStory['kubectl'], pod: string): Promise<string> {
  return waitFor(`a line in the log of ${pod}`, async () => (await must(kubectl, ['logs', '-n', NAMESPACE, pod, '--tail=1'])).trim() || undefined, { timeoutMs: 30_000 });
}
