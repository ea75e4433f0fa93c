// The first facts: a cluster registers, an agreement signed by its parties is deployed, policies and rules become active.
import { readFileSync } from 'node:fs';
import type { Agreement } from '../../../api/index.js';
import { accepted, type StoryKind, type StoryObject } from '../clusterAccess.js';
import type { Fact, StoryContext } from '../fact.js';
import { receiptOf, waitForResource } from '../resources.js';
import { signObject } from '../signedObject.js';

export async function clusterRegisters(story: StoryContext): Promise<Fact> {
  const { access } = story;
  await story.makeNamespace();
  const object = story.example('10-eu-cluster.yaml');
  await accepted(access.apply(object));
  const cluster = await waitForResource(access, ['EncCluster', object.metadata.name], ({ status }) => status?.phase === 'Registered');
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
  const { access } = story;
  const files = ['20-cluster-resource-limits', '21-geographic-data-sovereignty', '22-encryption-in-transit', '30-eu-to-eu', '31-eu-to-us-internal', '32-restricted-to-us'];
  const objects = files.map((file) => story.example(`${file}.yaml`));
  for (const object of objects) await accepted(access.apply(object));
  const active = [];
  for (const { kind, metadata } of objects) active.push(await waitForResource(access, [kind as StoryKind, metadata.name], ({ status }) => status?.state === 'Active'));
  return {
    title: 'BisoPolicies and TrafficRules become active',
    command: 'kubectl apply -f examples/   # 20 to 32',
    holds: active.length === objects.length,
    verdict: `${active.length} of ${objects.length} Active`,
    reason: objects.map(({ metadata }) => metadata.name).join(', '),
    receipt: await story.certified(receiptOf(active[1]!)),
  };
}

/** With the public keys of this network's parties in place of the placeholders. */
function withKeys(story: StoryContext, agreement: Agreement): StoryObject & Agreement {
  for (const party of agreement.spec.parties) party.publicKey = (JSON.parse(readFileSync(story.keyFile(party.name), 'utf8')) as { publicKey: string }).publicKey;
  return agreement as StoryObject & Agreement;
}

export async function agreementIsDeployed(story: StoryContext): Promise<Fact> {
  const { access } = story;
  const draft = withKeys(story, story.example('40-payments-agreement.yaml') as unknown as Agreement);
  const parties = draft.spec.parties.map(({ name }) => name);
  const signed = await signObject(story, draft, parties.map((party) => ['agreement', 'sign', '--party', party, '--key', story.keyFile(party)]));
  await accepted(access.apply(signed));
  const agreement = await waitForResource(access, ['Agreement', signed.metadata.name], ({ status }) => status?.state === 'InForce');
  return {
    title: 'An Agreement, signed by its parties bank and processor, is deployed',
    command: 'kubectl enc agreement sign examples/40-payments-agreement.yaml --party bank --key bank.key …; kubectl apply -f …',
    holds: true,
    verdict: 'InForce',
    reason: `both signatures over agreement hash ${agreement.status?.hash ?? ''} were checked by every validator; the policies it names can no longer be changed by the cluster's administrator`,
    receipt: await story.certified(receiptOf(agreement)),
  };
}
