// Facts about workloads: one is placed by consensus and runs, one is refused by its region, one is admitted under obligations.
import { getJson, must } from '../../stack/kubectl.js';
import { waitFor } from '../../stack/waitFor.js';
import type { Fact, StoryContext } from '../fact.js';
import { receiptIdIn, receiptOf, waitForResource } from '../resources.js';
import { example } from './foundations.js';

export const NAMESPACE = 'payments';

export interface Pod {
  metadata: { name: string; uid: string };
  spec: { nodeName?: string };
  status?: { phase?: string };
}

/** `besides`: uid of a pod that is not meant. */
export async function runningPod(story: StoryContext, workload: string, besides = ''): Promise<Pod> {
  let seen = 'no pod';
  return waitFor(`a running pod of ${workload}`, async () => {
    const pods = await getJson<{ items: Pod[] }>(story.kubectl, ['pods', '-n', NAMESPACE, '-l', `enc.metanode.io/workload=${workload}`]);
    const pod = pods?.items.find(({ metadata, status }) => status?.phase === 'Running' && metadata.uid !== besides);
    seen = (pods?.items ?? []).map(({ metadata, spec, status }) => `${metadata.name} is ${status?.phase} on ${spec.nodeName ?? 'no node'}`).join(', ') || 'no pod';
    return pod;
  }, { timeoutMs: 90_000, seen: () => seen });
}

export async function regionOf(story: StoryContext, node: string): Promise<string> {
  const found = await getJson<{ metadata: { labels: Record<string, string> } }>(story.kubectl, ['node', node]);
  return found?.metadata.labels['topology.kubernetes.io/region'] ?? 'no region';
}

export async function restrictedWorkloadRunsInTheEu(story: StoryContext): Promise<Fact> {
  const { kubectl, cluster } = story;
  const file = example('50-eu-payments.yaml');
  const text = await must(kubectl, ['create', '--dry-run=client', '-o', 'json', '-f', file]).then((json) => JSON.parse(json) as { spec: { template: { spec: { nodeSelector?: object } } } });
  if (!cluster.capabilities.realNode) delete text.spec.template.spec.nodeSelector;
  await must(kubectl, ['apply', '-f', '-'], JSON.stringify(text));
  const workload = await waitForResource(kubectl, ['workload', 'eu-payments', '-n', NAMESPACE], ({ status }) => status?.state === 'Running' && (status.decisions?.length ?? 0) > 0, 120_000);
  const pod = await runningPod(story, 'eu-payments');
  const node = pod.spec.nodeName ?? '';
  const region = await regionOf(story, node);
  const decision = workload.status?.decisions?.find(({ uid }) => uid === pod.metadata.uid) ?? workload.status!.decisions![0]!;
  const answered = cluster.realNodes.includes(node) ? ` and answers from a real container: ${await containerAnswer(story, pod.metadata.name)}` : ' (a kwok node: this machine runs no real one)';
  return {
    title: 'Restricted EU data: admitted, placed by consensus on an EU node, running',
    command: 'kubectl apply -f examples/50-eu-payments.yaml',
    holds: region === 'EU' && decision.node === node,
    verdict: `${workload.status?.light ?? ''}, ${workload.status?.state ?? ''}`,
    reason: `pod ${pod.metadata.name} was placed on ${node} (${region})${answered}`,
    receipt: await story.certified(decision.receiptId),
  };
}

/** First line that the container printed, as `kubectl logs` shows it. */
async function containerAnswer(story: StoryContext, pod: string): Promise<string> {
  return waitFor(`a line in the log of ${pod}`, async () => {
    const { code, stdout } = await story.kubectl(['logs', '-n', NAMESPACE, pod, '--tail=1']);
    return code === 0 && stdout.trim() ? stdout.trim() : undefined;
  }, { timeoutMs: 30_000 });
}

export async function usWorkloadIsRefused(story: StoryContext): Promise<Fact> {
  const { code, stderr } = await story.kubectl(['apply', '-f', example('60-us-export.yaml')]);
  const says = (words: string) => stderr.includes(words);
  return {
    title: 'Restricted EU data that asks for a US node: refused, with policy, clause and regulation',
    command: 'kubectl apply -f examples/60-us-export.yaml',
    holds: code !== 0 && says('geographic-data-sovereignty/eu-data-stays-in-eu') && says('GDPR Art. 44') && says('Chapter V'),
    verdict: code === 0 ? 'admitted' : 'Red, refused',
    reason: stderr.trim(),
    receipt: await story.certified(receiptIdIn(stderr)),
  };
}

export async function yellowFlowIsAdmitted(story: StoryContext): Promise<Fact> {
  const { code, stderr } = await story.kubectl(['apply', '-f', example('70-yellow-analytics.yaml')]);
  const workload = await waitForResource(story.kubectl, ['workload', 'yellow-analytics', '-n', NAMESPACE], ({ status }) => status?.state === 'Running', 120_000);
  return {
    title: 'Internal EU data sent to the US: Yellow, admitted under obligations',
    command: 'kubectl apply -f examples/70-yellow-analytics.yaml',
    holds: code === 0 && /Yellow, rule eu-to-us-internal: encrypt/.test(stderr) && /rate-limit/.test(stderr) && workload.status?.light === 'Yellow',
    verdict: `${workload.status?.light ?? ''}, ${workload.status?.state ?? ''}`,
    reason: stderr.trim(),
    receipt: await story.certified(receiptOf(workload)),
  };
}
