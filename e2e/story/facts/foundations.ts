// The first facts: a cluster registers, an agreement signed by its parties is deployed, policies and rules become active.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { must } from '../../stack/kubectl.js';
import type { Fact, StoryContext } from '../fact.js';
import { receiptOf, waitForResource } from '../resources.js';

/** As named from the checkout, where kubectl is run. */
export const example = (file: string): string => path.join('examples', file);
const apply = async (story: StoryContext, file: string) => must(story.kubectl, ['apply', '-f', file]);

export async function clusterRegisters(story: StoryContext): Promise<Fact> {
  await apply(story, example('00-namespace.yaml'));
  await apply(story, example('10-eu-cluster.yaml'));
  const cluster = await waitForResource(story.kubectl, ['enccluster', 'eu-cluster'], ({ status }) => status?.phase === 'Registered');
  return {
    title: 'An EncCluster registers with the chain',
    command: 'kubectl apply -f examples/00-namespace.yaml -f examples/10-eu-cluster.yaml',
    holds: true,
    verdict: 'Registered',
    reason: 'every pod in namespaces labelled enc.metanode.io/enforced=true now needs a certified verdict and placement',
    receipt: await story.certified(receiptOf(cluster)),
  };
}

export async function policiesBecomeActive(story: StoryContext): Promise<Fact> {
  const policies = ['20-cluster-resource-limits', '21-geographic-data-sovereignty', '22-encryption-in-transit'];
  const rules = ['30-eu-to-eu', '31-eu-to-us-internal', '32-restricted-to-us'];
  for (const file of [...policies, ...rules]) await apply(story, example(`${file}.yaml`));
  const names = [...policies.map((file) => ['bisopolicy', file.slice(3)]), ...rules.map((file) => ['trafficrule', file.slice(3)])];
  const active = [];
  for (const name of names) active.push(await waitForResource(story.kubectl, name, ({ status }) => status?.state === 'Active'));
  return {
    title: 'BisoPolicies and TrafficRules become active',
    command: 'kubectl apply -f examples/   # 20 to 32',
    holds: active.length === names.length,
    verdict: `${active.length} of ${names.length} Active`,
    reason: names.map(([, name]) => name).join(', '),
    receipt: await story.certified(receiptOf(active[1]!)),
  };
}

interface AgreementTemplate {
  spec: { parties: { name: string; publicKey: string }[] };
}

/** The example with the public keys of this network's parties in place of the placeholders. */
function agreementWithKeys(story: StoryContext): string {
  const template = parse(readFileSync(path.join(story.layout.checkout, example('40-payments-agreement.yaml')), 'utf8')) as AgreementTemplate;
  for (const party of template.spec.parties) {
    party.publicKey = (JSON.parse(readFileSync(story.layout.keyFile(party.name), 'utf8')) as { publicKey: string }).publicKey;
  }
  return stringify(template);
}

export async function agreementIsDeployed(story: StoryContext): Promise<Fact> {
  const { layout, kubectl, enc } = story;
  mkdirSync(layout.storyDir, { recursive: true });
  const signed = path.join(layout.storyDir, 'payments-agreement.yaml');
  writeFileSync(signed, agreementWithKeys(story));
  for (const party of ['bank', 'processor']) {
    const result = await enc(['agreement', 'sign', signed, '--party', party, '--key', layout.keyFile(party), '-o', signed]);
    if (result.code !== 0) throw new Error(`kubectl enc agreement sign failed: ${result.stderr || result.stdout}`);
  }
  await apply(story, signed);
  const agreement = await waitForResource(kubectl, ['agreement', 'payments-agreement'], ({ status }) => status?.state === 'InForce');
  return {
    title: 'An Agreement, signed by its parties bank and processor, is deployed',
    command: 'kubectl enc agreement sign examples/40-payments-agreement.yaml --party bank --key bank.key …; kubectl apply -f …',
    holds: true,
    verdict: 'InForce',
    reason: `both signatures over agreement hash ${agreement.status?.hash ?? ''} were checked by every validator; the policies it names can no longer be changed by the cluster's administrator`,
    receipt: await story.certified(receiptOf(agreement)),
  };
}
