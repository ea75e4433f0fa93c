// A policy that a vote puts comes to clients with the block in which its timelock ends, though no transaction of that block says so.
import { expect, it } from 'vitest';
import { sample } from '../../api/testing/samples.js';
import { DAY, GovernedChain } from '../ledger/testing/governedChain.js';
import { policyPointer, policySetAt } from '../ledger/policySet/policySet.js';
import type { FinalisedBlock } from '../types.js';
import { mayChangePolicySet } from './policySetFollower.js';

it('is noticed in the block that carries it out, and quiet blocks are not looked at', () => {
  const chain = new GovernedChain();
  const { transactionId: id } = chain.propose({ kind: 'PolicyChange', changes: [{ do: 'putRule', name: 'voted', spec: sample('TrafficRule').spec }] });
  chain.vote(id, [0, 1, 2]);
  const set = () => policySetAt(chain.state, policyPointer(chain.state).policyHeight)!;
  const before = set();
  const last = () => ({ ...chain.blocks.at(-1)!, certificate: undefined as never }) satisfies FinalisedBlock;
  chain.pass(1_000);
  expect(mayChangePolicySet(last(), before)).toBe(false);
  chain.pass(7 * DAY);
  chain.pass(3 * DAY);
  expect(set().rules.map(({ name }) => name)).toContain('voted');
  expect([last().transactions, mayChangePolicySet(last(), before)]).toEqual([[], true]);
});
