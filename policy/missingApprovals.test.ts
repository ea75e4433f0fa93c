import { describe, expect, it } from 'vitest';
import { missingApprovals } from './missingApprovals.js';
import { aCluster, aPolicySet, aTrafficRule, anException, euOnly } from './testing/builders.js';
import type { PolicyExceptionSpec } from '../api/index.js';

const approval = { approvers: [{ name: 'dpo', publicKey: 'aa' }, { name: 'ciso', publicKey: 'bb' }], required: 2 };
const cluster = aCluster('eu-cluster');
const set = aPolicySet({
  policies: [{ ...euOnly, spec: { ...euOnly.spec, exceptionApproval: approval } }],
  rules: [aTrafficRule('never')],
  clusters: [{ ...cluster, spec: { ...cluster.spec, breakGlass: { ...approval, maxMinutes: 240 } } }, aCluster('shut')],
});
const glass = (of: string): Partial<PolicyExceptionSpec> => ({ targets: [], breakGlass: { cluster: of } });

describe('missingApprovals', () => {
  it.each<[string, Partial<PolicyExceptionSpec>, string[], RegExp[]]>([
    ['that enough signed', {}, ['aa', 'bb'], []],
    ['that one of two signed', {}, ['bb'], [/BisoPolicy geographic-data-sovereignty asks for 2 signatures of dpo, ciso, 1 are there/]],
    ['that strangers signed', {}, ['cc', 'dd'], [/0 are there/]],
    ['from a rule that allows none', { targets: [{ kind: 'TrafficRule', name: 'never' }] }, ['aa'], [/TrafficRule never allows no exceptions/]],
    ['from what is not there', { targets: [{ kind: 'BisoPolicy', name: 'nope', rules: ['a'] }] }, ['aa'], [/BisoPolicy nope is not in force/]],
    ['that opens all, signed by enough', glass('eu-cluster'), ['aa', 'bb'], []],
    ['that opens all, signed by too few', glass('eu-cluster'), ['aa'], [/EncCluster eu-cluster asks for 2 signatures of dpo, ciso, 1 are there/]],
    ['that opens all of a cluster that lets nobody', glass('shut'), ['aa', 'bb'], [/without spec\.breakGlass/]],
    ['that opens all of no cluster', glass('nope'), ['aa', 'bb'], [/not registered/]],
  ])('of one %s', (_name, given, signedBy, says) => {
    const lacks = missingApprovals(set, anException('e', given, signedBy).spec);
    expect(lacks).toHaveLength(says.length);
    says.forEach((said, index) => expect(lacks[index]).toMatch(said));
  });
});
