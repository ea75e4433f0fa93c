// Facts about accounting for what was decided: why a pod is where it is, the verdict decided again, and the tenant's compliance report.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stateKeys, type NodeRecord } from '../../../chain/types.js';
import type { CertifiedReceipt, Fact, StoryContext } from '../fact.js';

const firstLine = (text: string) => text.trim().split('\n')[0]?.trim().replace(/ {2,}/g, ' ') ?? '';

/** Nodes that the policy on where data may be has to refuse. */
const hasForeignNodes = async ({ client, home }: StoryContext) => (await client.listState<NodeRecord>(stateKeys.node(''))).some(({ value }) => value.region !== home);

export async function placementIsExplained(story: StoryContext, receipt: CertifiedReceipt): Promise<Fact> {
  const { code, stdout, stderr } = await story.enc(['explain', 'workload/eu-payments', '-n', story.namespace]);
  const why = /placed on \S+ \(score \d+, \d+ of \d+ nodes feasible\)[^\n]*/.exec(stdout)?.[0];
  return {
    title: 'Why it runs where it does: the reason for every node, as the validators computed it',
    command: `kubectl enc explain workload/eu-payments -n ${story.namespace}`,
    holds: code === 0 && why !== undefined && (/refused by \S*geographic-data-sovereignty/.test(why) || !(await hasForeignNodes(story))),
    verdict: code === 0 ? 'explained' : 'not explained',
    reason: why ?? firstLine(stderr || stdout),
    receipt,
  };
}

export async function verdictIsDecidedAgain(story: StoryContext, refusal: CertifiedReceipt): Promise<Fact> {
  const { code, stdout, stderr } = await story.enc(['replay', refusal.id]);
  return {
    title: 'The refusal, decided again from its recorded inputs: the same comes out',
    command: `kubectl enc replay ${refusal.id.slice(0, 16)}…`,
    holds: code === 0 && /^same\s+Red, refuse/m.test(stdout),
    verdict: code === 0 ? 'the same' : 'not the same',
    reason: firstLine(code === 0 ? (/^same.*$/m.exec(stdout)?.[0] ?? stdout) : stderr || stdout),
    receipt: refusal,
  };
}

interface Assessment {
  'assessment-results': { results: { findings: { target: { 'target-id': string; status: { state: string } } }[]; observations: { 'relevant-evidence'?: unknown[] }[] }[] };
}

export async function tenantIsReportedOn(story: StoryContext): Promise<Fact> {
  const folder = path.join(story.storyDir, 'compliance');
  const agreement = story.named('payments-agreement');
  const { code, stdout, stderr } = await story.enc(['report', '--in', story.namespace, '--agreement', agreement, '--out', folder]);
  const result = code === 0 ? (JSON.parse(readFileSync(path.join(folder, 'assessment-results.json'), 'utf8')) as Assessment)['assessment-results'].results[0] : undefined;
  const states = new Map(result?.findings.map(({ target }) => [target['target-id'], target.status.state]));
  return {
    title: "The tenant's compliance under its agreement, each statement with its receipts",
    command: `kubectl enc report --in ${story.namespace} --agreement ${agreement} --out .enc/story/compliance`,
    holds: code === 0 && states.get('certified-placement') === 'satisfied' && states.has(`policy-${story.named('geographic-data-sovereignty')}`),
    verdict: code === 0 ? 'reported' : 'not reported',
    reason: code === 0 ? stdout.trim().split('\n').at(-1)! : firstLine(stderr),
  };
}
