// Facts about workloads: one is placed by consensus and runs, one is refused by its region, one is admitted under obligations.
import { stateKeys, type NodeRecord } from '../../../chain/types.js';
import { waitFor } from '../../stack/waitFor.js';
import { accepted } from '../clusterAccess.js';
import type { Fact, StoryContext } from '../fact.js';
import { receiptIdIn, receiptOf, waitForResource } from '../resources.js';

export interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string> };
  spec: { nodeName?: string };
  status?: { phase?: string };
}

/** `besides`: uid of a pod that is not meant. */
export async function runningPod({ access }: StoryContext, workload: string, besides = ''): Promise<Pod> {
  let seen = 'no pod';
  return waitFor(`a running pod of ${workload}`, async () => {
    const pods = await access.list<Pod>('Pod', `enc.metanode.io/workload=${workload}`);
    const pod = pods.find(({ metadata, status }) => status?.phase === 'Running' && metadata.uid !== besides);
    seen = pods.map(({ metadata, spec, status }) => `${metadata.name} is ${status?.phase} on ${spec.nodeName ?? 'no node'}`).join(', ') || 'no pod';
    return pod;
  }, { timeoutMs: 90_000, seen: () => seen });
}

/** As the node's commitment attests it. */
export async function regionOf({ client }: StoryContext, node: string): Promise<string> {
  return (await client.getState<NodeRecord>(stateKeys.node(node))).value?.region ?? 'no region';
}

export async function restrictedWorkloadRunsInTheEu(story: StoryContext): Promise<Fact> {
  const { access } = story;
  await accepted(access.apply(story.example('50-eu-payments.yaml')));
  const workload = await waitForResource(access, ['Workload', 'eu-payments'], ({ status }) => status?.state === 'Running' && (status.decisions?.length ?? 0) > 0, 120_000);
  const pod = await runningPod(story, 'eu-payments');
  const node = pod.spec.nodeName ?? '';
  const region = await regionOf(story, node);
  const decision = workload.status?.decisions?.find(({ uid }) => uid === pod.metadata.uid) ?? workload.status!.decisions![0]!;
  const answer = await story.answerOf(pod.metadata.name, node);
  const answered = answer === undefined ? ' (a kwok node: this machine runs no real one)' : ` and answers from a real container: ${answer}`;
  return {
    title: 'Restricted EU data: admitted, placed by consensus on an EU node, running',
    command: 'kubectl apply -f examples/50-eu-payments.yaml',
    holds: region === story.home && decision.node === node,
    verdict: `${workload.status?.light ?? ''}, ${workload.status?.state ?? ''}`,
    reason: `pod ${pod.metadata.name} was placed on ${node} (${region})${answered}`,
    receipt: await story.certified(decision.receiptId),
  };
}

export async function usWorkloadIsRefused(story: StoryContext): Promise<Fact> {
  const { accepted: admitted, said } = await story.access.apply(story.example('60-us-export.yaml'));
  const says = (words: string) => said.includes(words);
  return {
    title: 'Restricted EU data that asks for a US node: refused, with policy, clause and regulation',
    command: 'kubectl apply -f examples/60-us-export.yaml',
    holds: !admitted && says('geographic-data-sovereignty/eu-data-stays-in-eu') && says('GDPR Art. 44') && says('Chapter V'),
    verdict: admitted ? 'admitted' : 'Red, refused',
    reason: said,
    receipt: await story.certified(receiptIdIn(said)),
  };
}

export async function yellowFlowIsAdmitted(story: StoryContext): Promise<Fact> {
  const { said } = await accepted(story.access.apply(story.example('70-yellow-analytics.yaml')));
  const workload = await waitForResource(story.access, ['Workload', 'yellow-analytics'], ({ status }) => status?.state === 'Running', 120_000);
  return {
    title: 'Internal EU data sent to the US: Yellow, admitted under obligations',
    command: 'kubectl apply -f examples/70-yellow-analytics.yaml',
    holds: /Yellow, rule \S*eu-to-us-internal: encrypt/.test(said) && /rate-limit/.test(said) && workload.status?.light === 'Yellow',
    verdict: `${workload.status?.light ?? ''}, ${workload.status?.state ?? ''}`,
    reason: said,
    receipt: await story.certified(receiptOf(workload)),
  };
}
