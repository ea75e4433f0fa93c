// Proposals and Disputes: what is signed stands, what may be added may come.
import { describe, expect, it } from 'vitest';
import type { Dispute, Proposal } from '../index.js';
import { sample } from '../testing/samples.js';
import { validateDispute, validateProposal } from './signedObjects.js';

const paths = (errors: { path: string }[]) => errors.map(({ path }) => path);

describe('a Proposal', () => {
  const changed = (change: (spec: Proposal['spec']) => void) => {
    const object = sample('Proposal');
    change(object.spec);
    return object;
  };
  it.each<[what: string, object: Proposal, expected: string[]]>([
    ['as it is', sample('Proposal'), []],
    ['with another vote', changed(({ votes }) => votes.push({ ...votes[0]!, validator: 'a'.repeat(64) })), []],
    ['with two votes of one validator', changed(({ votes }) => votes.push(votes[0]!)), ['spec.votes[1].validator']],
    ['with another content', changed((spec) => (spec.content = { termination: { cause: 'voluntary' } })), ['spec.content']],
    ['with another reason', changed((spec) => (spec.reason = 'another')), ['spec.reason']],
    ['with another signature', changed((spec) => (spec.signature = 'e'.repeat(128))), ['spec.signature']],
    ['with two contents', changed((spec) => (spec.content.termination = { cause: 'voluntary' })), ['spec.content']],
  ])('%s', (_what, object, expected) => expect(paths(validateProposal(object, sample('Proposal'))).slice(0, 1)).toEqual(expected));

  it('a draft can be changed', () => {
    const draft = changed((spec) => (delete spec.signature, delete spec.proposer, delete spec.serial, (spec.votes = [])));
    expect(validateProposal(sample('Proposal'), draft)).toEqual([]);
  });
});

describe('a Dispute', () => {
  const changed = (change: (spec: Dispute['spec']) => void) => {
    const object = sample('Dispute');
    change(object.spec);
    return object;
  };
  it.each<[what: string, object: Dispute, expected: string[]]>([
    ['as it is', sample('Dispute'), []],
    ['with another appeal', changed(({ appeals }) => appeals.push({ ...appeals[0]!, serial: 9 })), []],
    ['with another amount', changed((spec) => (spec.amount = '1 BPI')), ['spec.amount']],
    ['with other evidence', changed((spec) => (spec.evidence = [])), ['spec.evidence']],
    ['with an unknown category', changed((spec) => (spec.category = 'Divorce' as 'Economic')), ['spec.category']],
  ])('%s', (_what, object, expected) => expect(paths(validateDispute(object, sample('Dispute')))).toEqual(expected));
});
