// A batch of placements under one signature is decided as if each came alone, in its order: feasible, never over-committed, each with its own receipt, whatever becomes of its neighbours (ADR 17).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../../receipts/types.js';
import { nodeCommit, nodeReport, specHashOf, uidOf } from '../ledger/testing/samplePayloads.js';
import { ReadyChain } from '../ledger/testing/readyChain.js';
import { keyOf } from '../ledger/testing/testGenesis.js';
import { stateKeys, type NodeRecord, type SchedulingDecision } from '../types.js';
import { signTogether, unsigned } from './buildTransaction.js';

interface Asked {
  cpuMillis: number;
  wrong: 'not at all' | 'other spec' | 'not admitted';
}
const asked = fc.record({ cpuMillis: fc.integer({ min: 100, max: 2_500 }), wrong: fc.constantFrom<Asked['wrong']>('not at all', 'not at all', 'not at all', 'other spec', 'not admitted') });
const nodes = fc.array(fc.integer({ min: 500, max: 6_000 }), { minLength: 1, maxLength: 4 });
const nodeName = (index: number) => `eu-more-${index}`;
const podName = (index: number) => `pod-${index}`;

/** Nodes beside those that a ready chain has, and the admitted ones among the pods. */
function prepared(capacities: readonly number[], pods: readonly Asked[]): ReadyChain {
  const chain = new ReadyChain();
  chain.commit(capacities.map((cpuMillis, index) => chain.sign('node-operator', 'node.commit', nodeCommit(nodeName(index), { cpuMillis }))));
  chain.commit(capacities.map((_, index) => chain.sign('operator', 'node.report', nodeReport(nodeName(index)))));
  const verdict = ({ cpuMillis }: Asked, index: number) => {
    const facts = chain.facts(podName(index));
    return chain.verdict({ ...facts, pod: { ...facts.pod!, cpuMillis } });
  };
  const admitted = pods.flatMap((pod, index) => (pod.wrong === 'not admitted' ? [] : [chain.sign('webhook', 'admission.verdict', verdict(pod, index))]));
  chain.commit(admitted);
  return chain;
}

const request = (chain: ReadyChain, { wrong }: Asked, index: number) =>
  chain.body('operator', 'placement.request', { podUid: uidOf(podName(index)), specHash: specHashOf(wrong === 'other spec' ? 'other' : podName(index)), attempt: 0 });

const told = (chain: ReadyChain, pods: readonly Asked[]) =>
  pods.map((_, index) => {
    const decision = chain.record<SchedulingDecision>(stateKeys.decision(uidOf(podName(index))));
    return decision && { node: decision.targetNode, explanation: decision.explanation, specHash: decision.specHash, policyHeight: decision.policyHeight };
  });

describe('placements signed together', () => {
  it('are decided, explained and receipted as one by one', () => {
    fc.assert(
      fc.property(nodes, fc.array(asked, { minLength: 1, maxLength: 12 }), (capacities, pods) => {
        const [together, alone] = [prepared(capacities, pods), prepared(capacities, pods)];
        const key = keyOf('operator').privateKey;
        const built = signTogether(pods.map((pod, index) => unsigned(request(together, pod, index))), key);
        const { results, statements } = together.commit(built.map(({ raw }) => raw));
        const oneByOne = pods.map((pod, index) => alone.commit(signTogether([unsigned(request(alone, pod, index))], key).map(({ raw }) => raw)).results[0]!);

        expect(results.map(({ outcome, code, reason }) => [outcome, code, reason])).toEqual(oneByOne.map(({ outcome, code, reason }) => [outcome, code, reason]));
        expect(told(together, pods)).toEqual(told(alone, pods));
        // Refused ones did not concern their neighbours; each has the receipt of its own id.
        pods.forEach(({ wrong }, index) => {
          if (wrong !== 'not at all') expect(results[index]).toMatchObject({ outcome: 'refused', code: wrong === 'other spec' ? 'SpecChanged' : 'NotAdmitted' });
          expect((JSON.parse(statements[index]!) as Statement).predicate).toMatchObject({ receiptId: built[index]!.id, index, operationType: 'placement.request' });
        });
        for (const { value } of [...together.state.list('node/')].map(([, text]) => ({ value: JSON.parse(text) as NodeRecord }))) {
          expect(value.allocated.cpuMillis).toBeLessThanOrEqual(value.capacity.cpuMillis);
          expect(value.allocated.cpuMillis).toBe(
            told(together, pods).reduce((sum, decided, index) => sum + (decided?.node === value.name ? pods[index]!.cpuMillis : 0), 0),
          );
        }
      }),
      { numRuns: 10 },
    );
  });

  it('leave no pod waiting that had its place, when nodes are added', () => {
    fc.assert(
      fc.property(nodes, fc.integer({ min: 500, max: 6_000 }), fc.integer({ min: 1, max: 10 }), (capacities, more, count) => {
        const pods = Array.from({ length: count }, (): Asked => ({ cpuMillis: 1_000, wrong: 'not at all' }));
        const placed = (with_: readonly number[]) => {
          const chain = prepared(with_, pods);
          const built = signTogether(pods.map((pod, index) => unsigned(request(chain, pod, index))), keyOf('operator').privateKey);
          return chain.commit(built.map(({ raw }) => raw)).results.filter(({ code }) => code === 'Placed').length;
        };
        expect(placed([...capacities, more])).toBeGreaterThanOrEqual(placed(capacities));
      }),
      { numRuns: 6 },
    );
  });
});
