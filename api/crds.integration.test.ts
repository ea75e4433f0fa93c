import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { startControlPlane, type ControlPlane } from '../e2e/cluster/controlPlane.js';
import type { KubeApi } from '../operator/runtime/kubeApi.js';
import { kubeApiFromFile } from '../operator/runtime/kubeApiFromFile.js';
import type { KubeError } from '../operator/runtime/kubeError.js';
import { RESOURCES } from '../operator/runtime/kubeObject.js';
import type { Resource } from './index.js';
import { KINDS, type Kind } from './labels.js';
import { sample } from './testing/samples.js';
import { setPath } from './testing/setPath.js';

const folder = new URL('../', import.meta.url);
const yamlFiles = (name: string) =>
  readdirSync(new URL(name, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => new URL(`${name}/${file}`, folder));
const long = (length: number) => 'x'.repeat(length);
const many = <T>(count: number, item: (index: number) => T) => Array.from({ length: count }, (_, index) => item(index));

/** Field, bad value, what the message must say besides the field; first the value as the server shows it, or where else it reports the fault. */
type Violation = [path: string, value: unknown, ...says: (string | { at: string })[]];
const amount = ['0-9', 'BPI'];
const selector = (path: string): Violation[] => [
  [`${path}.matchLabels`, { app: long(64) }, 'may not be more than 63'],
  [`${path}.matchExpressions`, [{ key: 'a', operator: 'Like' }], '"Like"', '"In", "NotIn", "Exists", "DoesNotExist"'],
  [`${path}.matchExpressions`, [{ key: 'app', operator: 'In' }], 'In requirement on app', 'In and NotIn need at least one value'],
  [`${path}.matchExpressions`, [{ key: 'app', operator: 'Exists', values: ['a'] }], 'Exists and DoesNotExist take none'],
];
const regions = (path: string): Violation[] => [
  [path, ['MARS'], '"MARS"', '"US", "EU", "APAC", "Global"'],
  [path, ['EU', 'EU'], 'Duplicate value', '"EU"'],
];
const classes = (path: string): Violation[] => [[path, ['Secret'], '"Secret"', '"Public", "Internal", "Confidential", "Restricted"']];
const operations = (path: string): Violation[] => [[path, ['Delete'], '"Delete"', '"Process", "Store", "Transfer", "Replicate", "Analyze"']];
const regulation = (path: string): Violation => [path, 'gdpr', '"gdpr"', '[A-Z]'];
const clause = (path: string): Violation[] => [
  [path, undefined, 'Required value'],
  [`${path}.text`, undefined, 'Required value'],
  [`${path}.text`, long(1025), 'may not be more than 1024'],
  regulation(`${path}.regulation`),
  [`${path}.article`, '', 'at least 1'],
  [`${path}.cure`, long(513), 'may not be more than 512'],
];

const violations: Record<Kind, Violation[]> = {
  EncCluster: [
    ['spec.clusterId', 'six', '"six"', 'uuid'],
    ['spec.clusterId', undefined, 'Required value'],
    ['spec.regions', [], 'at least 1'],
    ...regions('spec.regions'),
    ['spec.capabilities', ['No Blanks'], '"No Blanks"', 'a-z0-9'],
    ['spec.complianceCertifications[0].name', 'soc2', '"soc2"', '[A-Z]'],
    ['spec.complianceCertifications[0].issuer', '', 'at least 1'],
    ['spec.complianceCertifications[0].validUntil', 'tomorrow', '"tomorrow"', 'date-time'],
    ['spec.complianceCertifications', many(2, () => ({ name: 'SOC2', issuer: 'a', validUntil: '2030-01-01T00:00:00Z' })), 'Duplicate value', 'SOC2'],
    ['spec.agreementBindings', ['a b'], '"a b"', 'A-Za-z0-9'],
    ['spec.validators', undefined, 'Required value'],
    ['spec.validators.size', 0, '0', 'greater than or equal to 1'],
    ['spec.validators.size', 2, '2', 'use 1 for development, or 4 and more'],
    ['spec.validators.size', 101, '101', 'less than or equal to 100'],
    ['spec.validators.size', 'four', '"string"', 'must be of type integer'],
    ['spec.validators.endpoints', [], 'at least 1'],
    ['spec.validators.endpoints', ['ftp://a'], '"ftp://a"', 'https?'],
    ['spec.validators.endpoints', many(5, (i) => `http://a:${i}`), 'more than spec.validators.size', 'at most one for each validator'],
    ['spec.validators.finalityThreshold', 66, '66', 'greater than or equal to 67'],
    ['spec.validators.finalityThreshold', 101, '101', 'less than or equal to 100'],
    ['spec.validators.blockTime', '2 minutes', '"2 minutes"', '(ms|s)'],
    ['spec.relays', { count: 1, endpoints: ['http://a', 'http://b'] }, 'more than spec.relays.count', 'at most one for each relay'],
    ['spec.relays', { count: -1 }, '-1', 'greater than or equal to 0'],
    ...selector('spec.nodeSelector'),
    ['spec.minimumStake', '500', '"500"', ...amount],
    ...selector('spec.enforcedNamespaceSelector'),
    ['spec.requireAgreement', 'yes', '"string"', 'must be of type boolean'],
    ['spec.consensusParameters', { algorithm: 'PBFT' }, '"PBFT"', '"IBFT"'],
    ['spec.consensusParameters', { signatureScheme: 'RSA' }, '"RSA"', '"BLS12-381"'],
    ...['schedulingFee', 'serviceMeshFee', 'consensusFee', 'receiptFee'].map((fee): Violation => [
      `spec.economicParameters.${fee}`,
      '1 EUR',
      '"1 EUR"',
      ...amount,
    ]),
  ],
  Workload: [
    ['spec.clusterRef', 'EU Cluster', '"EU Cluster"', 'a-z0-9'],
    ['spec.kind', 'DaemonSet', '"DaemonSet"', '"Deployment", "Job"'],
    ['spec.replicas', -1, '-1', 'greater than or equal to 0'],
    ['spec.replicas', 10_001, '10001', 'less than or equal to 10000'],
    ['spec.template', undefined, 'Required value'],
    ['spec.template.spec', undefined, 'Required value'],
    ['spec.template.spec.containers', [], 'at least 1'],
    ['spec.template.spec.containers', [{ name: 'a' }], 'image', 'Required value'],
    ['spec.template.spec.nodeName', 'eu-1', 'pods are placed by consensus', 'nodeSelector or affinity'],
    ['spec.template.spec.schedulerName', 'default-scheduler', 'default-scheduler', 'leave it out, or use enc-scheduler'],
    ['spec.template.spec.nodeSelector', { a: long(64) }, 'may not be more than 63'],
    ['spec.template.metadata.labels', { a: long(64) }, 'may not be more than 63'],
    ['spec.template.metadata.annotations', { a: 1 }, '"integer"', 'must be of type string'],
    ['spec.dataClassification', 'Secret', '"Secret"', '"Public", "Internal", "Confidential", "Restricted"'],
    ['spec.dataClassification', undefined, 'Required value'],
    ['spec.dataRegion', 'MARS', '"MARS"', '"US", "EU", "APAC", "Global"'],
    ...regions('spec.destinationRegions'),
    ['spec.destinationRegions', ['Global', 'US'], 'Global already means every region', 'name it alone'],
    ['spec.operationType', 'Delete', '"Delete"', '"Process", "Store", "Transfer", "Replicate", "Analyze"'],
    ['spec.operationType', 'Transfer', 'spec.operationType is Transfer', 'name the regions the data is sent to'],
    ['spec.regulatoryContext.regulations', ['gdpr'], '"gdpr"', '[A-Z]'],
    ['spec.regulatoryContext.lawfulBasis', 'because', '"because"', '"consent", "contract"'],
    ['spec.agreementRefs', ['An Agreement'], '"An Agreement"', 'a-z0-9'],
  ],
  Agreement: [
    ['spec.agreementId', 'a b', '"a b"', 'A-Za-z0-9'],
    ['spec.version', 'one', '"one"', '[0-9]'],
    ['spec.parties', [], 'at least 2'],
    ['spec.parties[1].name', 'bank', { at: 'spec.parties[1]' }, 'Duplicate value', 'bank'],
    ['spec.parties[1].name', 'Bank AG', '"Bank AG"', 'a-z0-9'],
    ['spec.parties[1].role', '', 'at least 1'],
    ['spec.parties[1].publicKey', 'abc', '"abc"', '[0-9a-f]{64}'],
    ['spec.parties[1].publicKey', '0'.repeat(64), { at: 'spec.parties' }, 'two parties have the same publicKey', 'a key of its own'],
    ['spec.terms', undefined, 'Required value'],
    ['spec.terms.purpose', '', 'at least 1'],
    ...classes('spec.terms.classifications'),
    ...regions('spec.terms.regions'),
    ['spec.terms.regulations', ['gdpr'], '"gdpr"', '[A-Z]'],
    ['spec.terms.validFrom', 'now', '"now"', 'date-time'],
    ['spec.terms.validUntil', '2024-01-01T00:00:00Z', 'must be after spec.terms.validFrom', 'name a later time'],
    ['spec.terms.requiredPolicies', ['No Such'], '"No Such"', 'a-z0-9'],
    ['spec.terms.maxReplicas', 0, '0', 'greater than or equal to 1'],
    ['spec.jurisdiction', '', 'at least 1'],
    ['spec.courtId', ' ', '" "', 'A-Za-z0-9'],
    ['spec.enforcementRules', undefined, 'Required value'],
    ['spec.enforcementRules[0].violation', 'Fraud!', '"Fraud!"', 'a-z'],
    ['spec.enforcementRules[0].action', 'forgive', '"forgive"', '"notify", "suspend", "terminate", "slash"'],
    [
      'spec.enforcementRules[0].action',
      'notify',
      { at: 'spec.enforcementRules[0].penaltyPercent' },
      'violation resource_fraud',
      'action notify takes none',
    ],
    ['spec.enforcementRules[0].penaltyPercent', 101, '101', 'less than or equal to 100'],
    ['spec.enforcementRules[0].penaltyPercent', undefined, 'violation resource_fraud', 'action slash needs it'],
    ['spec.signatures[0].party', 'mallory', { at: 'spec.signatures' }, 'names a party that is not in spec.parties', 'sign with one of the parties'],
    ['spec.signatures[0].signature', 'abc', '"abc"', '[0-9a-f]{128}'],
  ],
  BisoPolicy: [
    ['spec.description', long(2049), 'may not be more than 2048'],
    ['spec.regions', [], 'at least 1'],
    ...regions('spec.regions'),
    ...classes('spec.classifications'),
    ['spec.enforcement', 'sometimes', '"sometimes"', '"pre-scheduling", "runtime", "continuous"'],
    ['spec.enforcement', 'pre-scheduling', 'spec.violationAction migrate_workload', 'use reject_workload or audit'],
    ['spec.violationAction', 'shrug', '"shrug"', '"reject_workload", "migrate_workload", "terminate_connection", "audit"'],
    ['spec.rules', [], 'at least 1'],
    ['spec.rules[0].name', 'A Rule', '"A Rule"', 'a-z0-9'],
    ...selector('spec.rules[0].match.podSelector'),
    ...selector('spec.rules[0].match.namespaceSelector'),
    ...classes('spec.rules[0].match.classifications'),
    ...regions('spec.rules[0].match.sourceRegions'),
    ...regions('spec.rules[0].match.destinationRegions'),
    ...operations('spec.rules[0].match.operationTypes'),
    ['spec.rules[0].match.regulations', ['gdpr'], '"gdpr"', '[A-Z]'],
    ['spec.rules[0].match.agreements', ['A B'], '"A B"', 'a-z0-9'],
    ['spec.rules[0].requirement', undefined, 'Required value'],
    ['spec.rules[0].requirement', {}, 'demands nothing', 'give regions, agreementInForce: true or expression'],
    ...regions('spec.rules[0].requirement.regions'),
    ['spec.rules[0].requirement.agreementInForce', 'yes', '"string"', 'must be of type boolean'],
    ['spec.rules[0].requirement.expression', long(2049), 'may not be more than 2048'],
    ...clause('spec.rules[0].clause'),
  ],
  TrafficRule: [
    ['spec.priority', -1, '-1', 'greater than or equal to 0'],
    ['spec.priority', 1001, '1001', 'less than or equal to 1000'],
    ...selector('spec.source.podSelector'),
    ...selector('spec.source.namespaceSelector'),
    ...regions('spec.source.regions'),
    ...classes('spec.source.classifications'),
    ...selector('spec.destination.podSelector'),
    ...selector('spec.destination.namespaceSelector'),
    ...regions('spec.destination.regions'),
    ...classes('spec.destination.classifications'),
    ...operations('spec.operationTypes'),
    ['spec.light', 'Blue', '"Blue"', '"Green", "Yellow", "Red"'],
    ['spec.light', 'Red', 'spec.light is Red', 'Green and Red take none'],
    ['spec.conditions.encrypted', 'yes', '"string"', 'must be of type boolean'],
    ['spec.conditions.timeWindow.from', '8', '"8"', '[0-5][0-9]'],
    ['spec.conditions.timeWindow.to', '24:00', '"24:00"', '[0-5][0-9]'],
    ['spec.conditions.timeWindow.to', '08:00', 'from and to are both 08:00', 'name two times of day'],
    ['spec.conditions.expression', '', 'at least 1'],
    ['spec.obligations', [], 'spec.light is Yellow', 'a Yellow rule needs at least one obligation'],
    ['spec.obligations[0].type', 'pray', '"pray"', '"encrypt", "rate-limit", "notify", "second-approval", "expire"'],
    ['spec.obligations[0].parameters', { to: long(254) }, 'may not be more than 253'],
    ...clause('spec.clause'),
  ],
  PolicyException: [
    ['spec.targets', [], 'name what it is an exception from'],
    ['spec.targets[0].kind', 'Agreement', '"Agreement"', '"BisoPolicy", "TrafficRule"'],
    ['spec.targets[0].rules', undefined, 'name the rules of a BisoPolicy one by one'],
    ['spec.scope', undefined, 'Required value'],
    ['spec.scope.namespaces', [], 'at least 1'],
    ['spec.reason', 'so', 'at least 10'],
    ['spec.expiresAt', 'tomorrow', '"tomorrow"', 'date-time'],
    ['spec.approvals', [{ publicKey: 'ab', signature: 'cd' }], 'spec.approvals[0].publicKey'],
  ],
  Proposal: [
    ['spec.title', '', 'at least 1'],
    ['spec.reason', long(1025), 'may not be more than 1024'],
    ['spec.content', undefined, 'Required value'],
    ['spec.content', {}, 'at least 1'],
    ['spec.content', { termination: { cause: 'voluntary' }, securityPatch: { version: 2, height: 1 } }, 'at most 1'],
    ['spec.content.economicParameter.changes', {}, 'at least 1'],
    ['spec.content.economicParameter.changes', { receiptFee: -1 }, 'greater than or equal to 0'],
    ['spec.content', { emergency: { action: 'CordonNode' } }, { at: 'spec.content.emergency.node' }, 'CordonNode names a node'],
    ['spec.content', { nodeRemoval: { subject: 'node/a', evidence: [] } }, 'spec.content.nodeRemoval.evidence'],
    ['spec.content', { policyChange: { changes: [{ do: 'putPolicy', name: 'a' }] } }, 'goes with putPolicy and putRule'],
    ['spec.proposer', undefined, { at: 'spec' }, 'come together'],
    ['spec.signature', undefined, { at: 'spec' }, 'come together'],
    ['spec.serial', 0, 'greater than or equal to 1'],
    ['spec.votes[0].validator', 'ab', '"ab"', '[0-9a-f]'],
    ['spec.votes', many(2, () => ({ validator: 'e'.repeat(64), approve: true, serial: 1, signature: 'f'.repeat(128) })), 'Duplicate value'],
  ],
  Dispute: [
    ['spec.category', 'Divorce', '"Divorce"', '"Scheduling", "Performance", "Economic", "Security", "Governance"'],
    ['spec.remedy', 'Revenge', '"Revenge"', '"Compensation", "ReverseSlash", "RemoveNode", "TerminateAgreement"'],
    ['spec.respondent', 'bank', '"bank"', '[0-9a-f]'],
    ['spec.respondent', '0'.repeat(63), '[0-9a-f]'],
    ['spec.subject', 'pod/a', '"pod/a"', 'slash'],
    ['spec.amount', '0 BPI', 'Compensation claims BPI'],
    ['spec.amount', '1 EUR', '"1 EUR"', 'BPI'],
    ['spec.remedy', 'ReverseSlash', { at: 'spec' }, 'ReverseSlash and AnnulProposal are against the network'],
    ['spec.claim', '', 'at least 1'],
    ['spec.evidence', [{ type: 'record' }], 'the state record that shows it'],
    ['spec.evidence', [{ type: 'disclosure', salt: long(16) }], 'what the commitment is opened with'],
    ['spec.claimant', undefined, { at: 'spec' }, 'come together'],
    ['spec.appeals[0].grounds', '', 'at least 1'],
    ['spec.filings[0].account', 'ab', '"ab"', '[0-9a-f]'],
  ],
};

let plane: ControlPlane;
let api: KubeApi;
const collection = (kind: Kind) => (kind === 'Workload' ? RESOURCES.Workload.path('', 'default').replace(/\/$/, '') : RESOURCES[kind].collection);
const create = (object: Resource, dryRun = true) => api.create<Resource>(collection(object.kind), object, dryRun ? { dryRun: 'All' } : {});
const message = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: KubeError) => `${error.code} ${error.message}`,
  );

beforeAll(async () => {
  plane = await startControlPlane();
  api = kubeApiFromFile(plane.kubeconfig);
  for (const file of yamlFiles('crds'))
    await api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', parse(readFileSync(file, 'utf8')));
  for (const kind of KINDS) await vi.waitFor(() => api.get(RESOURCES[kind].collection), { timeout: 20_000 });
  await api.create('/api/v1/namespaces', { metadata: { name: 'payments' } });
});
afterAll(async () => {
  api?.close();
  await plane?.stop();
});

describe.each(KINDS)('%s', (kind) => {
  it('is accepted as the sample has it, and its defaults are those of withDefaults', async () => {
    const created = await create(sample(kind));
    expect(created.spec).toEqual(sample(kind).spec);
  });

  it.each(violations[kind].map(([path, bad, ...says]) => ({ path, shown: JSON.stringify(bad)?.slice(0, 60), bad, says })))(
    'refuses $path = $shown',
    async ({ path, bad, says }) => {
      const answer = await message(create(setPath(sample(kind), path, bad)));
      const [first] = says;
      const field = typeof first === 'object' ? first.at : path;
      for (const text of ['Invalid', field.replace(/^spec\./, ''), ...says]) if (typeof text === 'string') expect(answer).toContain(text);
    },
  );

  it('refuses a field it does not know when asked to be strict', async () => {
    const object = setPath(sample(kind), 'spec.colour', 'blue');
    expect(await message(api.create(collection(kind), object, { dryRun: 'All', fieldValidation: 'Strict' }))).toContain(
      'unknown field "spec.colour"',
    );
  });
});

describe('transitions', () => {
  const put = (object: Resource) => api.replace<Resource>(RESOURCES[object.kind].path(object.metadata.name, object.metadata.namespace), object);

  it("keeps an EncCluster's id and a Workload's kind", async () => {
    const cluster = await create(sample('EncCluster'), false);
    expect(await message(put(setPath(cluster, 'spec.clusterId', '00000000-9b1d-4c55-8f0e-2d7b6a5c4e31')))).toContain(
      'spec.clusterId cannot be changed: delete the EncCluster',
    );
    const workload = await create(sample('Workload'), false);
    expect(await message(put(setPath(workload, 'spec.kind', 'Job')))).toContain(
      'spec.kind cannot be changed from Deployment to Job: delete the Workload',
    );
  });

  it('lets a draft Agreement be signed, and freezes it once it is in force', async () => {
    const draft = (await create(sample('Agreement'), false)) as ReturnType<typeof sample<'Agreement'>>;
    draft.spec.signatures.push({ party: 'processor', signature: 'b'.repeat(128) });
    const signed = await put(draft);
    const statusPath = `${RESOURCES.Agreement.path(signed.metadata.name)}/status`;
    const inForce = await api.patch<Resource>(statusPath, 'application/merge-patch+json', { status: { state: 'InForce' } });
    const answer = await message(put(setPath(structuredClone(inForce), 'spec.terms.maxReplicas', 3)));
    expect(answer).toContain('spec cannot be changed while status.state is InForce: deploy a new Agreement with a higher spec.version');
    expect(await message(put(setPath(structuredClone(inForce), 'metadata.labels', { a: 'b' })))).toBe('accepted');
  });

  it('freezes what was signed of a Proposal and a Dispute, and lets votes, filings and appeals come', async () => {
    const proposal = await create(sample('Proposal'), false);
    expect(await message(put(setPath(structuredClone(proposal), 'spec.title', 'another')))).toContain('a signed proposal cannot be changed');
    expect(await message(put(setPath(structuredClone(proposal), 'spec.votes', [])))).toBe('accepted');
    const dispute = await create(sample('Dispute'), false);
    expect(await message(put(setPath(structuredClone(dispute), 'spec.claim', 'another')))).toContain('a signed dispute cannot be changed');
    expect(await message(put(setPath(structuredClone(dispute), 'spec.filings', [])))).toBe('accepted');
  });

  it('changes status only through its subresource', async () => {
    const rule = await create(sample('TrafficRule'), false);
    const written = await put(setPath(structuredClone(rule), 'status', { state: 'Active' }));
    expect(written.status).toBeUndefined();
  });
});

describe('examples/', () => {
  it.each(
    yamlFiles('examples')
      .filter((file) => !file.pathname.includes('/00-'))
      .map((file) => ({ name: file.pathname.split('/').at(-1), file })),
  )('$name is accepted', async ({ file }) => {
    const object = parse(readFileSync(file, 'utf8')) as Resource;
    const path = object.kind === 'Workload' ? RESOURCES.Workload.path('', 'payments').replace(/\/$/, '') : RESOURCES[object.kind].collection;
    expect(await message(api.create(path, object, { dryRun: 'All', fieldValidation: 'Strict' }))).toBe('accepted');
  });
});

describe('names', () => {
  it('short names and category enc lead to all kinds', async () => {
    const { resources } = await api.get<{ resources: { name: string; kind: string; shortNames?: string[]; categories?: string[] }[] }>(
      '/apis/enc.metanode.io/v1alpha1',
    );
    const main = resources.filter(({ name }) => !name.includes('/'));
    expect(Object.fromEntries(main.map(({ kind, shortNames, categories }) => [kind, [...(shortNames ?? []), ...(categories ?? [])]]))).toEqual({
      EncCluster: ['encc', 'enc'],
      Workload: ['wl', 'enc'],
      Agreement: ['agr', 'enc'],
      BisoPolicy: ['biso', 'enc'],
      TrafficRule: ['tr', 'enc'],
      PolicyException: ['pex', 'enc'],
      Proposal: ['prop', 'enc'],
      Dispute: ['disp', 'enc'],
    });
  });
});
