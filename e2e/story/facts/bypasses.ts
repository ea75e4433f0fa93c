// Facts about pods by hand: a preset node name and a hand-made Binding are refused with a receipt; who waits for a node is told why.
import { accepted, type StoryObject } from '../clusterAccess.js';
import { waitFor } from '../../stack/waitFor.js';
import type { Fact, StoryContext } from '../fact.js';
import { receiptIdIn } from '../resources.js';

const LABELS = { 'enc.metanode.io/data-classification': 'Restricted' };
const NOWHERE = { nodeSelector: { 'enc.metanode.io/runtime': 'none-such' } };

export function handMadePod({ namespace, container, named, home }: StoryContext, name: string, spec: Record<string, unknown>): StoryObject {
  const annotations = { 'enc.metanode.io/agreements': named('payments-agreement') };
  const containers = [{ name: 'main', ...container, resources: { requests: { cpu: '10m', memory: '16Mi' } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { ...LABELS, 'enc.metanode.io/data-region': home }, annotations }, spec: { containers, ...spec } };
}

export async function presetNodeNameIsRefused(story: StoryContext): Promise<Fact> {
  const { accepted: admitted, said } = await story.access.create(handMadePod(story, 'own-node', { nodeName: 'us-1' }));
  return {
    title: 'A pod that names its own node: refused',
    command: "kubectl create -f -   # a pod with spec.nodeName: us-1",
    holds: !admitted && said.includes('NodeNamePreset') && said.includes('spec.nodeName'),
    verdict: admitted ? 'admitted' : 'Red, refused',
    reason: said,
    receipt: await story.certified(receiptIdIn(said)),
  };
}

export async function handMadeBindingIsRefused(story: StoryContext): Promise<Fact> {
  const { access, namespace } = story;
  const name = 'waits-for-a-node';
  await accepted(access.create(handMadePod(story, name, NOWHERE)));
  const waiting = await access.get<{ metadata: { uid: string } }>('Pod', name);
  const { accepted: bound, said } = await access.bind({ name, uid: waiting?.metadata.uid ?? '' }, 'us-1');
  await access.remove('Pod', name);
  return {
    title: 'A Binding made by hand, without a certified decision: refused',
    command: `kubectl create --raw /api/v1/namespaces/${namespace}/pods/${name}/binding -f -   # target: us-1`,
    holds: !bound && said.includes('NoDecision') && said.includes('no certified decision places pod'),
    verdict: bound ? 'bound' : 'Red, refused',
    reason: said,
    receipt: await story.certified(receiptIdIn(said)),
  };
}

interface Explained {
  summary: string;
  waiting?: { height: number; message: string; nodes: { node: string; filter: string; reason: string }[] };
  receipts: { operationType: string; receiptId: string }[];
}

export async function waitingPodIsExplained(story: StoryContext): Promise<Fact> {
  const { access, enc, namespace } = story;
  const name = 'waits-and-says-why';
  await accepted(access.create(handMadePod(story, name, NOWHERE)));
  const explained = await waitFor('the reason why it waits', async () => {
    const { code, stdout } = await enc(['explain', `pod/${name}`, '-n', namespace, '-o', 'json']);
    const [about] = code === 0 ? (JSON.parse(stdout) as Explained[]) : [];
    return about?.waiting && about;
  });
  const { message, nodes } = explained.waiting!;
  const pod = await access.get<{ spec: { nodeName?: string } }>('Pod', name);
  await access.remove('Pod', name);
  return {
    title: 'A pod that no node may take: it waits, and every node says why',
    command: `kubectl enc explain pod/${name} -n ${namespace}`,
    holds: pod !== undefined && pod.spec.nodeName === undefined && nodes.every(({ filter, reason }) => filter !== '' && reason !== ''),
    verdict: 'waits',
    reason: `${message}${nodes.map(({ node, reason }) => `; ${node}: ${reason}`).join('')}`,
    receipt: await story.certified(explained.receipts.find(({ operationType }) => operationType === 'placement.request')!.receiptId),
  };
}
