import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SparseMerkleTree } from '../../crypto/sparseMerkleTree.js';
import { headerHash } from '../../receipts/headerHash.js';
import type { Statement } from '../../receipts/types.js';
import { evaluate } from '../../policy/evaluate.js';
import { stateKeys, type AdmissionRecord, type NodeRecord, type Payloads, type SchedulingDecision } from '../types.js';
import { checkSupply } from './accounts/supply.js';
import { policySetAt } from './policySet/policySet.js';
import { ReadyChain } from './testing/readyChain.js';
import { agreementDeploy, nodeCommit, nodeReport, policyPut, rulePut, specHashOf, uidOf, workloadPut } from './testing/samplePayloads.js';
import { TestChain } from './testing/testChain.js';
import type { Actor } from './testing/testGenesis.js';

const POLICY = 'geographic-data-sovereignty';
const nodes = ['eu-1', 'us-1', 'eu-2'];
const placementStates = ['Running', 'Completed', 'Failed', 'Released'] as const;
const workloadStates = ['Pending', 'Scheduled', 'Running', 'Completed', 'Failed', 'Slashed'] as const;

/** One step of a random history: what to do, and numbers to choose with. */
interface Step {
  action: keyof typeof actions;
  a: number;
  b: number;
}
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!;
const pod = (n: number) => `pod-${n % 6}`;
const owner = { name: 'eu-payments', uid: uidOf('eu-payments') };
const biso = (n: number) => {
  const rule = policyPut().spec.rules[0]!;
  const requirement = pick([{ regions: ['EU' as const] }, { expression: 'pod.cpuMillis <= 500' }, { regions: ['US' as const] }], n);
  return {
    ...policyPut().spec,
    description: `${n}`,
    rules: [{ ...rule, match: { sourceRegions: pick([['EU' as const], ['US' as const]], n) }, requirement }],
  };
};

const actions = {
  admit: (chain: ReadyChain, { a, b }: Step) => {
    const facts = chain.facts(pod(a));
    const sized = { ...facts.pod!, cpuMillis: 200 + (b % 9) * 400, pinnedRegions: pick([null, null, ['EU'], ['US']], b) };
    const owned = { workload: owner, data: facts.data };
    const free = {
      workload: null,
      data: { ...facts.data!, sourceRegion: pick(['EU', 'EU', 'US'], a + b), classification: pick(['Restricted', 'Internal'] as const, b) },
    };
    const payload = chain.verdict({ ...facts, pod: sized, ...(b % 3 === 0 ? owned : free) });
    return chain.sign('webhook', 'admission.verdict', b % 11 === 0 ? { ...payload, verdict: { ...payload.verdict, light: 'Yellow' } } : payload);
  },
  place: (chain: ReadyChain, { a, b }: Step) =>
    chain.sign('operator', 'placement.request', { podUid: uidOf(pod(a)), specHash: specHashOf(pod(b % 7 === 0 ? b : a)), attempt: b }),
  move: (chain: ReadyChain, { a, b }: Step) =>
    chain.sign('operator', 'placement.transition', { podUid: uidOf(pod(a)), to: pick(placementStates, b), reason: '' }),
  commit: (chain: ReadyChain, { a, b }: Step) => {
    const name = pick(nodes, a);
    return chain.sign(
      'node-operator',
      'node.commit',
      nodeCommit(name, { region: pick(['EU', 'US'], name.startsWith('eu') ? 0 : 1), cpuMillis: 200 + (b % 4) * 1_200 }),
    );
  },
  report: (chain: ReadyChain, { a, b }: Step) => chain.sign('operator', 'node.report', nodeReport(pick(nodes, a), { ready: b % 4 !== 0 })),
  dropNode: (chain: ReadyChain, { a }: Step) => chain.sign('operator', 'node.remove', { name: pick(nodes, a) }),
  policy: (chain: ReadyChain, { a, b }: Step) =>
    chain.sign('operator', 'policy.put', policyPut(pick([POLICY, 'second'], a), { generation: 1 + (b % 20), spec: biso(b) })),
  dropPolicy: (chain: ReadyChain, { a }: Step) => {
    const name = pick([POLICY, 'second'], a);
    return chain.sign('operator', 'policy.remove', { name, uid: uidOf(name) });
  },
  rule: (chain: ReadyChain, { a, b }: Step) =>
    chain.sign(
      'operator',
      'rule.put',
      rulePut(pick(['r1', 'r2'], a), { generation: b % 20, spec: { ...rulePut().spec, priority: b, conditions: {} } }),
    ),
  deploy: (chain: ReadyChain, { a }: Step) => chain.sign('bank', 'agreement.deploy', agreementDeploy(pick(['payments', 'copy'], a))),
  terminate: (chain: ReadyChain, { a }: Step) =>
    chain.sign(pick(['bank', 'processor', 'operator'], a), 'agreement.terminate', { name: 'payments', uid: uidOf('payments'), reason: '' }),
  register: (chain: ReadyChain, { b }: Step) =>
    chain.sign('operator', 'workload.put', workloadPut(owner.name, { generation: b % 5, replicas: b % 5 })),
  transition: (chain: ReadyChain, { b }: Step) =>
    chain.sign('operator', 'workload.transition', {
      namespace: 'payments',
      ...owner,
      to: pick(workloadStates, b),
      reason: '',
    } as Payloads['workload.transition']),
  intrude: (chain: ReadyChain, { a }: Step) => chain.sign(pick<Actor>(['visitor', 'poor', 'webhook'], a), 'node.remove', { name: pick(nodes, a) }),
};

const step: fc.Arbitrary<Step> = fc.record({ action: fc.constantFrom(...(Object.keys(actions) as Step['action'][])), a: fc.nat(50), b: fc.nat(50) });
const often = fc.record({ action: fc.constantFrom<Step['action']>('admit', 'place', 'move'), a: fc.nat(50), b: fc.nat(50) });
const history = fc.array(fc.array(fc.oneof(step, often), { maxLength: 8 }), { minLength: 4, maxLength: 14 });

const records = <T>(chain: TestChain, prefix: string): T[] => [...chain.state.list(prefix)].map(([, text]) => JSON.parse(text) as T);

function play(blocks: Step[][]): ReadyChain {
  const chain = new ReadyChain();
  for (const steps of blocks) {
    const { results, faults } = chain.commit(steps.map((one) => actions[one.action](chain, one)));
    expect(faults).toEqual([]);
    expect(results).toHaveLength(steps.length);
    mustHold(chain);
  }
  return chain;
}

function mustHold(chain: ReadyChain): void {
  expect(checkSupply(chain.state)).toMatchObject({ ok: true });
  expect(SparseMerkleTree.fromEntries(chain.state.entries()).rootHex).toBe(chain.header.stateRoot);
  const decisions = records<SchedulingDecision>(chain, 'decision/');
  for (const node of records<NodeRecord>(chain, 'node/')) mustAccountFor(node, decisions);
  for (const decision of decisions) if (decision.height === chain.header.height) mustBeAllowed(chain, decision);
}

/** What is allocated is exactly what is placed and not over, and never more than is committed. */
function mustAccountFor({ name, allocated, capacity }: NodeRecord, decisions: SchedulingDecision[]): void {
  const held = decisions.filter(({ targetNode, state }) => targetNode === name && (state === 'Scheduled' || state === 'Running'));
  const sum = (resource: 'cpuMillis' | 'memoryBytes' | 'storageBytes') =>
    held.reduce((total, { resourceAllocation }) => total + resourceAllocation[resource], 0);
  expect(allocated).toEqual({ cpuMillis: sum('cpuMillis'), memoryBytes: sum('memoryBytes'), storageBytes: sum('storageBytes'), pods: held.length });
  for (const resource of ['cpuMillis', 'memoryBytes', 'storageBytes', 'pods'] as const)
    expect(allocated[resource]).toBeLessThanOrEqual(capacity[resource]);
}

/** No decision contradicts the policies at its height. */
function mustBeAllowed(chain: ReadyChain, { pod: { uid }, policyHeight, time, targetNode, height }: SchedulingDecision): void {
  expect(policyHeight).toBeLessThan(height);
  const { facts } = chain.record<AdmissionRecord>(stateKeys.admission(uid))!;
  const { region } = chain.record<NodeRecord>(stateKeys.node(targetNode)) ?? { region: targetNode.slice(0, 2).toUpperCase() };
  const there = { ...facts, time, pod: { ...facts.pod!, pinnedRegions: [region] } };
  expect(evaluate(policySetAt(chain.state, policyHeight)!, there)).toMatchObject({ decision: 'allow' });
}

/** Executes the same blocks from the genesis alone. */
function replayed(chain: TestChain): TestChain {
  const again = new TestChain(chain.genesis);
  for (const { header, transactions } of chain.blocks) again.commit(transactions, header.timestamp);
  return again;
}

describe('a random history', () => {
  it('conserves the supply, over-commits no node, decides as its policies say, and replays to the same roots', () => {
    fc.assert(
      fc.property(history, (blocks) => {
        const chain = play(blocks);
        const again = replayed(chain);
        expect(headerHash(again.header)).toBe(headerHash(chain.header));
        expect(again.blocks.map(({ statements }) => statements)).toEqual(chain.blocks.map(({ statements }) => statements));
        expect(again.state.entries()).toEqual(chain.state.entries());
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('comes about everything it is there for', () => {
    const codes = new Set<string>();
    for (const blocks of fc.sample(history, { numRuns: 60, seed: 7 })) {
      for (const { statements } of play(blocks).blocks)
        for (const statement of statements) codes.add((JSON.parse(statement) as Statement).predicate.code);
    }
    const wanted = ['Placed', 'AlreadyPlaced', 'Waiting', 'RefusedByPolicy', 'VerdictMismatch', 'SpecChanged', 'Released', 'Completed', 'Failed'];
    const rare = ['RequiredByAgreement', 'BelowAllocated', 'InUse', 'NotPermitted', 'TerminationAsked', 'StaleGeneration', 'IllegalTransition'];
    expect([...wanted, ...rare].filter((code) => !codes.has(code))).toEqual([]);
  }, 60_000);
});
