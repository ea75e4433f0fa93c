// The traffic light as NetworkPolicies: what is Red is closed, what is Yellow is open only where something holds it to its obligations.
import { describe, expect, it } from 'vitest';
import type { TrafficRuleSpec } from '../../api/index.js';
import { LABELS, RUNTIME_LABELS } from '../../api/labels.js';
import type { AdmissionFacts, PolicySet } from '../../policy/types.js';
import { aPolicySet, aTrafficRule, euOnly, NOON, someFacts } from '../../policy/testing/builders.js';
import { nextEnd, wantedPolicies, type NetworkPolicy } from './networkPolicies.js';

const TIME = NOON;
const facts = (classification: 'Public' | 'Internal' | 'Restricted'): AdmissionFacts => someFacts({ time: NOON, data: { classification } });
const policySet = (): PolicySet => aPolicySet({ policies: [euOnly] });
const group = (classification: 'Public' | 'Internal' | 'Restricted') => ({ classification, sourceRegion: 'EU', facts: [facts(classification)] });
const yellow = (...obligations: { type: string; parameters?: Record<string, string> }[]): PolicySet =>
  aPolicySet({ rules: [aTrafficRule('eu-to-us', { source: { regions: ['EU'] }, destination: { regions: ['US'] }, light: 'Yellow', obligations } as Partial<TrafficRuleSpec>)] });
const wanted = (set: PolicySet, classification: 'Public' | 'Internal' | 'Restricted', elsewhere: string[] = [], anyCut = false) =>
  wantedPolicies('payments', [group(classification)], set, { time: TIME, elsewhere: new Set(elsewhere), anyCut });
/** Region → ports, or all. */
function openTo(policy: NetworkPolicy): Record<string, number[] | 'all'> {
  const egress = policy.spec.egress as { to: { podSelector?: { matchLabels: Record<string, string> } }[]; ports?: { port: number }[] }[];
  return Object.fromEntries(
    egress.flatMap(({ to, ports }) => {
      const region = to[0]!.podSelector?.matchLabels[RUNTIME_LABELS.region];
      return region === undefined ? [] : [[region, ports?.map(({ port }) => port) ?? ('all' as const)]];
    }),
  );
}

describe('wantedPolicies', () => {
  it('keeps Restricted data of the EU in the EU, and leaves alone what may go anywhere', () => {
    const [policy, ...rest] = wanted(policySet(), 'Restricted');
    expect(rest).toEqual([]);
    expect(policy).toMatchObject({
      metadata: { name: 'enc-flows-restricted-eu', namespace: 'payments' },
      spec: {
        podSelector: {
          matchLabels: { [LABELS.dataClassification]: 'Restricted', [LABELS.dataRegion]: 'EU' },
          matchExpressions: [{ key: RUNTIME_LABELS.cut, operator: 'DoesNotExist' }],
        },
        policyTypes: ['Egress'],
      },
    });
    expect(openTo(policy!)).toEqual({ EU: 'all' });
    expect(wanted(policySet(), 'Public')).toEqual([]);
  });

  it.each<[string, { type: string; parameters?: Record<string, string> }[], string[], number[] | 'all' | undefined]>([
    ['encryption is held to by ports', [{ type: 'encrypt' }], [], [443, 8443]],
    ['by those that the rule names', [{ type: 'encrypt', parameters: { ports: '5432,443' } }], [], [5432, 443]],
    ['a notice is the receipt that names it', [{ type: 'notify' }], [], 'all'],
    ['what nothing enforces ends the flow', [{ type: 'rate-limit' }, { type: 'encrypt' }], [], undefined],
    ['unless the cluster says what does', [{ type: 'rate-limit' }, { type: 'encrypt' }], ['rate-limit'], [443, 8443]],
    ['an end that is to come', [{ type: 'expire', parameters: { at: '2026-06-01T12:00:01Z' } }], [], 'all'],
    ['a time that has not passed since the pod came', [{ type: 'expire', parameters: { after: '1m' } }], [], 'all'],
    ['a time that has', [{ type: 'expire', parameters: { after: '0s' } }], [], undefined],
    ['an end that has come', [{ type: 'expire', parameters: { at: '2026-06-01T12:00:00Z' } }], [], undefined],
  ])('%s', (_name, obligations, elsewhere, us) => {
    expect(openTo(wanted(yellow(...obligations), 'Internal', elsewhere)[0]!)).toEqual({ EU: 'all', APAC: 'all', ...(us === undefined ? {} : { US: us }) });
  });

  it('cuts off by label, in both directions, and nothing else opens what is cut', () => {
    const [cut, flows] = wanted(policySet(), 'Restricted', [], true);
    expect(cut).toMatchObject({ metadata: { name: 'enc-cut' }, spec: { podSelector: { matchLabels: { [RUNTIME_LABELS.cut]: 'true' } }, policyTypes: ['Ingress', 'Egress'] } });
    expect(cut!.spec).not.toHaveProperty('egress');
    expect(JSON.stringify(flows!.spec)).toContain('DoesNotExist');
  });

  it('says when a flow ends next', () => {
    expect(nextEnd([group('Internal')], yellow({ type: 'expire', parameters: { at: '2026-06-01T12:00:01Z' } }), TIME)).toBe(TIME + 1_000);
    expect(nextEnd([group('Internal')], yellow({ type: 'encrypt' }), TIME)).toBeUndefined();
  });
});
