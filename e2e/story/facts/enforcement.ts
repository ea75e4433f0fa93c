// Facts about what runs when a policy changes: one workload is placed again on an allowed node before its old pod goes, the connections of another are cut.
import type { BisoPolicy } from '../../../api/index.js';
import { waitFor } from '../../stack/waitFor.js';
import { accepted } from '../clusterAccess.js';
import type { Fact, StoryContext } from '../fact.js';
import { waitForResource } from '../resources.js';
import { regionOf, runningPod, type Pod } from './placement.js';

export const STORY_POLICIES = ['public-reports-place', 'analytics-mutual-tls'];

interface Report {
  receiptId: string;
  reason: string;
  details?: { actions?: string[] };
}

/** The operator's receipt about a pod whose action says `did`; undefined while there is none. */
async function reportOf({ enc, namespace }: StoryContext, pod: Pod, did: RegExp): Promise<(Report & { action: string }) | undefined> {
  const { code, stdout } = await enc(['receipts', '--for', `pod/${pod.metadata.name}`, '-n', namespace, '-o', 'json']);
  const reports = code === 0 ? (JSON.parse(stdout) as Report[]) : [];
  for (const report of reports) {
    const action = report.details?.actions?.find((one) => did.test(one));
    if (action !== undefined) return { ...report, action };
  }
  return undefined;
}

const activePolicy = (story: StoryContext, name: string, generation: number) =>
  waitForResource(story.access, ['BisoPolicy', name], ({ status }) => status?.state === 'Active' && (status.observedGeneration ?? 0) >= generation);

export async function runningWorkloadIsMoved(story: StoryContext): Promise<Fact> {
  const { access, home } = story;
  const place = '72-public-reports-place.yaml';
  const policy = story.example(place) as unknown as BisoPolicy;
  await accepted(access.apply(policy));
  await activePolicy(story, policy.metadata.name, 1);
  await accepted(access.apply(story.example('73-public-reports.yaml')));
  const old = await runningPod(story, 'public-reports');
  const from = old.spec.nodeName ?? '';
  const abroad = policy.spec.rules[0]!.requirement.regions![0]!;
  policy.spec.rules[0]!.requirement.regions = [home as 'EU'];
  await accepted(access.apply(policy));
  const moved = await waitFor(`${old.metadata.name} to be moved`, () => reportOf(story, old, /^removed pod/), { timeoutMs: 60_000 });
  const present = await runningPod(story, 'public-reports', old.metadata.uid);
  const to = present.spec.nodeName ?? '';
  const [before, after] = [await regionOf(story, from), await regionOf(story, to)];
  const workload = await waitForResource(access, ['Workload', 'public-reports'], ({ status }) => status?.decisions?.some(({ uid }) => uid === present.metadata.uid) ?? false);
  const decision = workload.status!.decisions!.find(({ uid }) => uid === present.metadata.uid)!;
  const receipt = await story.certified(moved.receiptId);
  return {
    title: 'A policy changes while its workload runs: placed again by consensus on an allowed node, then the old pod goes',
    command: `kubectl apply -f -   # examples/${place} with requirement.regions: [${home}]`,
    holds: before === abroad && after === home && decision.node === to && decision.height < receipt.height && moved.reason.includes('public-reports-place/contract-region'),
    verdict: `Red on ${from} (${before}), moved to ${to} (${after})`,
    reason: `${moved.reason}; placed on ${to} in block ${decision.height} (receipt ${decision.receiptId}), afterwards ${moved.action}`,
    receipt,
  };
}

interface NetworkPolicy {
  metadata: { name: string };
  spec: { podSelector: { matchLabels?: Record<string, string> }; policyTypes: string[]; ingress?: unknown[]; egress?: unknown[] };
}
interface PolicyReport {
  scope: { name: string };
  results: { policy: string; result: string }[];
}

export async function connectionIsTerminated(story: StoryContext): Promise<Fact> {
  const { access } = story;
  const pod = await runningPod(story, 'yellow-analytics');
  const file = '74-analytics-mutual-tls.yaml';
  const stricter = story.example(file);
  await accepted(access.apply(stricter));
  const cut = await waitFor(`${pod.metadata.name} to be cut off`, () => reportOf(story, pod, /^cut all connections/), { timeoutMs: 60_000 });
  const labels = (await access.get<Pod>('Pod', pod.metadata.name))?.metadata.labels ?? {};
  const policies = await access.list<NetworkPolicy>('NetworkPolicy');
  const closing = policies.find(({ spec: { podSelector, policyTypes, ingress = [], egress = [] } }) => {
    const selected = Object.entries(podSelector.matchLabels ?? {});
    return selected.length > 0 && selected.every(([key, value]) => labels[key] === value) && policyTypes.length === 2 && ingress.length + egress.length === 0;
  });
  const reported = await waitFor('the PolicyReport of yellow-analytics', async () => {
    const reports = await access.list<PolicyReport>('PolicyReport');
    return reports.find(({ scope, results }) => scope.name === 'yellow-analytics' && results.some(({ policy, result }) => policy === stricter.metadata.name && result === 'fail'));
  }, { timeoutMs: 30_000 });
  return {
    title: 'A flow that is no longer allowed is cut by NetworkPolicy, and reported',
    command: `kubectl apply -f examples/${file}`,
    holds: closing !== undefined && reported !== undefined && cut.reason.includes('analytics-mutual-tls/both-ends-prove-themselves'),
    verdict: `Red, cut off by NetworkPolicy ${closing?.metadata.name ?? '(none)'}`,
    reason: `${cut.reason}; ${cut.action}; a PolicyReport of Workload yellow-analytics says fail`,
    receipt: await story.certified(cut.receiptId),
  };
}
