import { describe, expect, it } from 'vitest';
import { formatFieldErrors, type FieldError } from '../fieldError.js';
import type { ResourceByKind } from '../index.js';
import { KINDS, type Kind } from '../labels.js';
import { sample } from '../testing/samples.js';
import { validateResource } from './validateResource.js';

type Change<K extends Kind> = (object: ResourceByKind[K]) => void;
const violation = <K extends Kind>(kind: K, name: string, change: Change<K>, expected: Partial<FieldError>, old?: ResourceByKind[K]) => ({
  kind,
  name,
  run: () => {
    const object = sample(kind);
    change(object);
    return validateResource(object, old);
  },
  expected,
});
const inForce = (): ResourceByKind['Agreement'] => ({ ...sample('Agreement'), status: { state: 'InForce' } });

const violations = [
  violation('EncCluster', 'two validators', (c) => (c.spec.validators.size = 2), { path: 'spec.validators.size', value: 2 }),
  violation('EncCluster', 'more endpoints than validators', (c) => ((c.spec.validators.size = 1), c.spec.validators.endpoints.push('http://b:1')), {
    path: 'spec.validators.endpoints',
    value: 2,
  }),
  violation('EncCluster', 'an impossible port', (c) => (c.spec.validators.endpoints = ['http://a:70000']), {
    path: 'spec.validators.endpoints[0]',
    value: 'http://a:70000',
  }),
  violation('EncCluster', 'relays that are not counted', (c) => (c.spec.relays.endpoints = ['http://a:1']), { path: 'spec.relays.endpoints' }),
  violation('EncCluster', 'a threshold over 100', (c) => (c.spec.validators.finalityThreshold = 101), {
    path: 'spec.validators.finalityThreshold',
    value: 101,
  }),
  violation('EncCluster', 'an unknown region', (c) => (c.spec.regions = ['MARS' as 'EU']), {
    path: 'spec.regions[0]',
    value: 'MARS',
    cure: 'use one of US, EU, APAC, Global',
  }),
  violation('EncCluster', 'a bad selector key', (c) => (c.spec.enforcedNamespaceSelector = { matchLabels: { 'a b': 'x' } }), {
    path: 'spec.enforcedNamespaceSelector.matchLabels[a b]',
    value: 'a b',
  }),
  violation(
    'EncCluster',
    'another cluster id',
    (c) => (c.spec.clusterId = '00000000-9b1d-4c55-8f0e-2d7b6a5c4e31'),
    { path: 'spec.clusterId' },
    sample('EncCluster'),
  ),
  violation('EncCluster', 'a misspelt field', (c) => Object.assign(c.spec, { region: 'EU' }), {
    path: 'spec.region',
    value: 'EU',
    message: 'is not a field',
  }),
  violation('Agreement', 'dates the wrong way round', (a) => (a.spec.terms.validUntil = '2024-01-01T00:00:00Z'), {
    path: 'spec.terms.validUntil',
    value: '2024-01-01T00:00:00Z',
  }),
  violation('Agreement', 'a party twice', (a) => (a.spec.parties[1]!.name = 'bank'), { path: 'spec.parties[1].name', value: 'bank' }),
  violation('Agreement', 'a key twice', (a) => (a.spec.parties[1]!.publicKey = a.spec.parties[0]!.publicKey), { path: 'spec.parties[1].publicKey' }),
  violation('Agreement', 'one party only', (a) => a.spec.parties.pop(), { path: 'spec.parties' }),
  violation('Agreement', "a stranger's signature", (a) => (a.spec.signatures[0]!.party = 'mallory'), {
    path: 'spec.signatures[0].party',
    value: 'mallory',
    cure: 'sign as one of bank, processor',
  }),
  violation('Agreement', 'a short signature', (a) => (a.spec.signatures[0]!.signature = 'ab'), { path: 'spec.signatures[0].signature', value: 'ab' }),
  violation('Agreement', 'a slash without a percentage', (a) => delete a.spec.enforcementRules[0]!.penaltyPercent, {
    path: 'spec.enforcementRules[0].penaltyPercent',
    value: undefined,
  }),
  violation('Agreement', 'changed terms while in force', (a) => (a.spec.terms.maxReplicas = 3), { path: 'spec' }, inForce()),
  violation('BisoPolicy', 'a rule name twice', (p) => p.spec.rules.push(p.spec.rules[0]!), { path: 'spec.rules[1].name' }),
  violation('BisoPolicy', 'a requirement that demands nothing', (p) => (p.spec.rules[0]!.requirement = { agreementInForce: false }), {
    path: 'spec.rules[0].requirement',
  }),
  violation('BisoPolicy', 'migration before anything runs', (p) => (p.spec.enforcement = 'pre-scheduling'), {
    path: 'spec.violationAction',
    value: 'migrate_workload',
  }),
  violation('BisoPolicy', 'In without values', (p) => (p.spec.rules[0]!.match.podSelector!.matchExpressions![0]!.operator = 'In'), {
    path: 'spec.rules[0].match.podSelector.matchExpressions[0].values',
  }),
  violation('TrafficRule', 'Yellow without obligations', (r) => (r.spec.obligations = []), { path: 'spec.obligations' }),
  violation('TrafficRule', 'Red with obligations', (r) => (r.spec.light = 'Red'), { path: 'spec.obligations' }),
  violation('TrafficRule', 'a rate limit without a rate', (r) => (r.spec.obligations[0]!.parameters = {}), {
    path: 'spec.obligations[0].parameters',
    cure: 'give requestsPerSecond or bytesPerSecond',
  }),
  violation('TrafficRule', 'a rate that is no number', (r) => (r.spec.obligations[0]!.parameters = { requestsPerSecond: 'many' }), {
    path: 'spec.obligations[0].parameters.requestsPerSecond',
    value: 'many',
  }),
  violation('TrafficRule', 'an empty time window', (r) => (r.spec.conditions.timeWindow = { from: '08:00', to: '08:00' }), {
    path: 'spec.conditions.timeWindow',
  }),
  violation('Workload', 'a template without containers', (w) => (w.spec.template.spec.containers = []), { path: 'spec.template.spec.containers' }),
  violation('Workload', 'a container name twice', (w) => w.spec.template.spec.containers.push(w.spec.template.spec.containers[0]!), {
    path: 'spec.template.spec.containers[1].name',
  }),
  violation('Workload', 'a node of its own choice', (w) => (w.spec.template.spec.nodeName = 'eu-1'), {
    path: 'spec.template.spec.nodeName',
    value: 'eu-1',
  }),
  violation('Workload', 'another scheduler', (w) => (w.spec.template.spec.schedulerName = 'default-scheduler'), {
    path: 'spec.template.spec.schedulerName',
    value: 'default-scheduler',
  }),
  violation('Workload', 'a Job that restarts for ever', (w) => ((w.spec.kind = 'Job'), (w.spec.template.spec.restartPolicy = 'Always')), {
    path: 'spec.template.spec.restartPolicy',
    cure: 'leave it out, or use Never or OnFailure',
  }),
  violation(
    'Workload',
    'a label that contradicts the class',
    (w) => (w.spec.template.metadata!.labels = { 'enc.metanode.io/data-classification': 'Public' }),
    { value: 'Public' },
  ),
  violation('Workload', 'an annotation of the operator', (w) => (w.spec.template.metadata!.annotations = { 'enc.metanode.io/agreements': 'a' }), {
    value: 'a',
  }),
  violation('Workload', 'a label value with blanks', (w) => (w.spec.template.metadata!.labels = { app: 'a b' }), {
    path: 'spec.template.metadata.labels[app]',
    value: 'a b',
  }),
  violation('Workload', 'a transfer to nowhere', (w) => (w.spec.operationType = 'Transfer'), { path: 'spec.destinationRegions' }),
  violation('Workload', 'Global beside a region', (w) => (w.spec.destinationRegions = ['Global', 'US']), { path: 'spec.destinationRegions' }),
  violation('Workload', 'another kind', (w) => (w.spec.kind = 'Job'), { path: 'spec.kind', value: 'Job' }, sample('Workload')),
  violation('Workload', 'a name too long for a label', (w) => (w.metadata.name = 'x'.repeat(64)), { path: 'metadata.name' }),
];

describe('validateResource', () => {
  it.each(KINDS)('finds nothing wrong with the sample %s', (kind) => expect(validateResource(sample(kind))).toEqual([]));

  it.each(violations)('$kind: $name', ({ run, expected }) => {
    const errors = run();
    expect(errors).toContainEqual(expect.objectContaining(expected));
    for (const error of errors) expect(error.cure).not.toBe('');
  });

  it('lets a draft be signed, and an unchanged agreement in force be applied again', () => {
    const draft = sample('Agreement');
    const signed = sample('Agreement');
    signed.spec.signatures.push({ party: 'processor', signature: 'b'.repeat(128) });
    expect(validateResource(signed, draft)).toEqual([]);
    expect(validateResource(sample('Agreement'), inForce())).toEqual([]);
  });

  it('reports a missing spec rather than throwing', () => {
    expect(validateResource({ ...sample('Workload'), spec: undefined } as never)).toMatchObject([{ path: 'spec', message: 'is required' }]);
  });
});

describe('formatFieldErrors', () => {
  it('names field, value, fault and cure, and cuts long values', () => {
    const text = formatFieldErrors([{ path: 'spec.a', value: 'x'.repeat(200), message: 'is long', cure: 'shorten it' }]);
    expect(text).toMatch(/^spec\.a: "x+… is long: shorten it$/);
    expect(text.length).toBeLessThan(120);
  });
});
