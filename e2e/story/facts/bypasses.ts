// Facts about ways around the certified path: a preset node name and a hand-made Binding, both refused with a receipt.
import { getJson, must } from '../../stack/kubectl.js';
import type { Fact, StoryContext } from '../fact.js';
import { receiptIdIn } from '../resources.js';

const NAMESPACE = 'payments';

const LABELS = { 'enc.metanode.io/data-classification': 'Restricted', 'enc.metanode.io/data-region': 'EU' };
const ANNOTATIONS = { 'enc.metanode.io/agreements': 'payments-agreement' };

function pod(name: string, spec: Record<string, unknown>, memory = '16Mi') {
  const container = { name: 'main', image: 'enc.local/demo:1', imagePullPolicy: 'Never', resources: { requests: { cpu: '10m', memory } } };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: NAMESPACE, labels: LABELS, annotations: ANNOTATIONS }, spec: { containers: [container], ...spec } });
}

export async function presetNodeNameIsRefused(story: StoryContext): Promise<Fact> {
  const { code, stderr } = await story.kubectl(['create', '-f', '-'], pod('own-node', { nodeName: 'us-1' }));
  return {
    title: 'A pod that names its own node: refused',
    command: "kubectl create -f -   # a pod with spec.nodeName: us-1",
    holds: code !== 0 && stderr.includes('NodeNamePreset') && stderr.includes('spec.nodeName'),
    verdict: code === 0 ? 'admitted' : 'Red, refused',
    reason: stderr.trim(),
    receipt: await story.certified(receiptIdIn(stderr)),
  };
}

export async function handMadeBindingIsRefused(story: StoryContext): Promise<Fact> {
  const { kubectl } = story;
  const name = 'waits-for-a-node';
  await must(kubectl, ['create', '-f', '-'], pod(name, { nodeSelector: { 'enc.metanode.io/runtime': 'none-such' } }));
  const waiting = await getJson<{ metadata: { uid: string } }>(kubectl, ['pod', name, '-n', NAMESPACE]);
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace: NAMESPACE, uid: waiting?.metadata.uid }, target: { apiVersion: 'v1', kind: 'Node', name: 'us-1' } };
  const { code, stderr } = await kubectl(['create', '--raw', `/api/v1/namespaces/${NAMESPACE}/pods/${name}/binding`, '-f', '-'], JSON.stringify(binding));
  await kubectl(['delete', 'pod', name, '-n', NAMESPACE, '--wait=false']);
  return {
    title: 'A Binding made by hand, without a certified decision: refused',
    command: `kubectl create --raw /api/v1/namespaces/${NAMESPACE}/pods/${name}/binding -f -   # target: us-1`,
    holds: code !== 0 && stderr.includes('NoDecision') && stderr.includes('no certified decision places pod'),
    verdict: code === 0 ? 'bound' : 'Red, refused',
    reason: stderr.trim(),
    receipt: await story.certified(receiptIdIn(stderr)),
  };
}
