import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { aCluster, anAgreement, aPolicy, aPolicySet, aRule, aTrafficRule, anException, euOnly, NOON, someFacts } from './testing/builders.js';
import type { Named, PolicySet } from './types.js';
import type { BisoPolicySpec, PolicyExceptionSpec } from '../api/index.js';

const approval = { approvers: [{ name: 'dpo', publicKey: 'aa' }, { name: 'ciso', publicKey: 'bb' }], required: 1 };
const sovereignty: Named<BisoPolicySpec> = { ...euOnly, spec: { ...euOnly.spec, exceptionApproval: approval } };
const permit = aTrafficRule('permit', { destination: { regions: ['US'] } });
const asks = (given: Parameters<typeof someFacts>[0] = {}) => someFacts({ data: { destinationRegions: ['US'] }, pod: { labels: { app: 'batch' } }, ...given });
const under = (exception: Named<PolicyExceptionSpec>, more: Partial<PolicySet> = {}) => aPolicySet({ policies: [sovereignty], rules: [permit], exceptions: [exception], ...more });

describe('a break-glass', () => {
  const cluster = aCluster('eu-cluster');
  const glassed = { ...cluster, spec: { ...cluster.spec, breakGlass: { ...approval, required: 2, maxMinutes: 240 } } };
  const broken = (given: Partial<PolicyExceptionSpec> = {}, signedBy = ['aa', 'bb']) => anException('fire', { targets: [], breakGlass: { cluster: 'eu-cluster' }, ...given }, signedBy);
  const other = aPolicy('other', { rules: [aRule({ name: 'never', requirement: { expression: 'false' } })] });
  const set = (exception: Named<PolicyExceptionSpec>, more: Partial<PolicySet> = {}) => aPolicySet({ clusters: [glassed], policies: [euOnly, other], rules: [permit], exceptions: [exception], ...more });

  it('opens all policies of the cluster at once, names each rule it kept from being asked, and says both answers', () => {
    const verdict = evaluate(set(broken()), asks());
    expect(verdict).toMatchObject({ decision: 'allow', without: { decision: 'refuse', light: 'Red' } });
    expect(verdict.exceptions!.map(({ policy, breakGlass, approvers }) => [policy, breakGlass, approvers])).toEqual([
      ['geographic-data-sovereignty', true, ['dpo', 'ciso']],
      ['other', true, ['dpo', 'ciso']],
    ]);
    expect(verdict.warnings).toContainEqual(expect.stringMatching(/^BREAK-GLASS: excepted from other\/never by PolicyException fire, approved by dpo, ciso/));
  });

  it('opens Red flows, and what no rule permits; what a rule permits under obligations stays so', () => {
    const never = aTrafficRule('never', { light: 'Red', priority: 900 });
    const flowsOf = (rules: ReturnType<typeof aTrafficRule>[]) => {
      const { decision, flows, exceptions = [] } = evaluate(set(broken(), { policies: [], rules }), asks());
      return [decision, flows.map(({ light, rule }) => `${light} ${rule}`), exceptions.map(({ policy }) => policy)];
    };
    expect(flowsOf([never, permit])).toEqual(['allow', ['Green permit'], ['never']]);
    expect(flowsOf([never])).toEqual(['allow', ['Green '], ['never', 'default']]);
    expect(flowsOf([])).toEqual(['allow', ['Green '], ['default']]);
    expect(flowsOf([aTrafficRule('yellow', { light: 'Yellow', destination: { regions: ['US'] } })])).toEqual(['allow', ['Yellow yellow'], []]);
  });

  const expired = { expiresAt: new Date(NOON).toISOString() };
  it.each<[name: string, exception: Named<PolicyExceptionSpec>, facts?: Parameters<typeof someFacts>[0], set?: Partial<PolicySet>]>([
    ['one of two approvers', broken({}, ['aa'])],
    ['one approver twice', broken({}, ['aa', 'aa'])],
    ['strangers', broken({}, ['cc', 'dd'])],
    ['nobody', broken({}, [])],
    ['enough, and is over', broken(expired)],
    ['enough, for another namespace', broken({ scope: { namespaces: ['batch'] } })],
    ['enough, for a Workload that is not the pod\'s', broken({ scope: { namespaces: ['payments'], workloads: ['shop'] } })],
    ['enough of another cluster', broken({ breakGlass: { cluster: 'us-cluster' } }), {}, { clusters: [glassed, { ...glassed, name: 'us-cluster' }] }],
    ['enough, where the cluster names none', broken(), {}, { clusters: [cluster] }],
    ['enough, against a policy that an agreement in force requires', broken(), {}, { policies: [euOnly], agreements: [anAgreement('pay', { requiredPolicies: ['geographic-data-sovereignty'] })] }],
    ['enough, against what the court says', broken(), { data: { destinationRegions: [], agreements: ['gone'] } }, { policies: [] }],
  ])('opens nothing when it was signed by %s', (_name, exception, facts = {}, more = {}) => {
    expect(evaluate(set(exception, more), asks(facts)).decision).toBe('refuse');
  });

  it('leaves a pod that presets its node refused', () => {
    const guards = [{ kind: 'Guard', name: 'NodeNamePreset', rule: '', clause: '', regulation: '', message: '', cure: '', action: 'reject_workload' as const }];
    expect(evaluate(set(broken()), asks({ guards })).decision).toBe('refuse');
  });
});

describe('a PolicyException', () => {
  it('lets through what it names, and the verdict says what it would be without', () => {
    const verdict = evaluate(under(anException('legacy')), asks());
    expect(verdict).toMatchObject({
      decision: 'allow',
      light: 'Green',
      allowedRegions: null,
      exceptions: [{ name: 'legacy', kind: 'BisoPolicy', policy: 'geographic-data-sovereignty', rule: 'eu-data-stays-in-eu', approvers: ['dpo'], reason: 'moves in the third quarter' }],
      without: { decision: 'refuse', light: 'Red', allowedRegions: ['EU'] },
    });
    expect(verdict.without!.message).toMatch(/refused by BisoPolicy geographic-data-sovereignty\/eu-data-stays-in-eu/);
    expect(verdict.warnings).toEqual([expect.stringMatching(/excepted from geographic-data-sovereignty\/eu-data-stays-in-eu by PolicyException legacy, approved by dpo, until/)]);
    expect(verdict.evaluated).toContainEqual({ kind: 'BisoPolicy', name: 'geographic-data-sovereignty', rule: 'eu-data-stays-in-eu', outcome: 'pass', reason: 'excepted by PolicyException legacy' });
  });

  it('keeps a Red rule from being asked, so that the next in precedence decides', () => {
    const never = aTrafficRule('never', { light: 'Red', priority: 900, exceptionApproval: approval });
    const set = under(anException('legacy', { targets: [{ kind: 'TrafficRule', name: 'never' }] }), { policies: [], rules: [never, permit] });
    expect(evaluate(set, asks())).toMatchObject({ decision: 'allow', flows: [{ rule: 'permit' }], exceptions: [{ kind: 'TrafficRule', policy: 'never', rule: '' }], without: { decision: 'refuse', light: 'Red' } });
  });

  const other = aPolicy('other', { exceptionApproval: approval, rules: [aRule({ name: 'eu-data-stays-in-eu', requirement: { expression: 'false' } })] });
  const strict: Named<BisoPolicySpec> = { ...sovereignty, spec: { ...sovereignty.spec, exceptionApproval: { ...approval, required: 2 } } };
  it.each<[name: string, exception: Named<PolicyExceptionSpec>, facts?: Parameters<typeof someFacts>[0], set?: Partial<PolicySet>]>([
    ['that has expired', anException('e', { expiresAt: new Date(NOON).toISOString() })],
    ['whose end cannot be read', anException('e', { expiresAt: 'never' })],
    ['of another namespace', anException('e', { scope: { namespaces: ['batch'] } })],
    ['of a namespace the object claims and is not in', anException('e', { scope: { namespaces: ['batch'] } }), { object: { kind: 'Pod', namespace: 'batch', name: 'a', uid: 'u', specHash: '' } }],
    ['of a namespace that another object is in', anException('e'), { object: { kind: 'Pod', namespace: 'batch', name: 'a', uid: 'u', specHash: '' } }],
    ['of other pods', anException('e', { scope: { namespaces: ['payments'], podSelector: { matchLabels: { app: 'legacy' } } } })],
    ['of a Workload that the pod only claims by its label', anException('e', { scope: { namespaces: ['payments'], workloads: ['batch'] } }), { pod: { labels: { 'enc.metanode.io/workload': 'batch' } } }],
    ['of another Workload', anException('e', { scope: { namespaces: ['payments'], workloads: ['batch'] } }), { workload: { name: 'shop', uid: 'u' } }],
    ['that nobody signed', anException('e', {}, [])],
    ['that somebody signed whom the policy does not name', anException('e', {}, ['cc'])],
    ['that one signed where two must', anException('e', {}, ['aa']), {}, { policies: [strict] }],
    ['that one signed twice where two must', anException('e', {}, ['aa', 'aa']), {}, { policies: [strict] }],
    ['from a policy that allows none', anException('e'), {}, { policies: [euOnly] }],
    ['from another rule', anException('e', { targets: [{ kind: 'BisoPolicy', name: 'geographic-data-sovereignty', rules: ['other'] }] })],
    ['from another policy\'s rule of that name', anException('e', { targets: [{ kind: 'BisoPolicy', name: 'another', rules: ['eu-data-stays-in-eu'] }] })],
    ['from a TrafficRule of the policy\'s name', anException('e', { targets: [{ kind: 'TrafficRule', name: 'geographic-data-sovereignty' }] })],
    ['from one of two policies that refuse', anException('e'), {}, { policies: [sovereignty, other] }],
  ])('does not let through one %s', (_name, exception, facts = {}, set = {}) => {
    expect(evaluate(under(exception, set), asks(facts)).decision).toBe('refuse');
  });

  it('does nothing against what refuses before any policy is asked', () => {
    const guards = [{ kind: 'Guard', name: 'NodeNamePreset', rule: '', clause: '', regulation: '', message: '', cure: '', action: 'reject_workload' as const }];
    expect(evaluate(under(anException('e')), asks({ guards })).decision).toBe('refuse');
  });

  it.each([['the Workload on the chain', { workload: { name: 'batch', uid: 'u' } }], ['the Workload itself', { object: { kind: 'Workload', namespace: 'payments', name: 'batch', uid: 'u', specHash: '' } }]])('counts for %s', (_name, facts) => {
    expect(evaluate(under(anException('e', { scope: { namespaces: ['payments'], workloads: ['batch'] } })), asks(facts)).decision).toBe('allow');
  });

  it('leaves no trace in verdicts that it does not concern', () => {
    const facts = asks({ data: { classification: 'Internal', destinationRegions: [] } });
    expect(evaluate(under(anException('e')), facts)).toEqual(evaluate(aPolicySet({ policies: [sovereignty], rules: [permit] }), facts));
  });
});
