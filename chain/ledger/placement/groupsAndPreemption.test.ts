// Groups are placed whole or not at all; a pod of higher priority takes the place of others only as the ledger decided, with the victim's receipt.
import { beforeEach, describe, expect, it } from 'vitest';
import type { PodConstraints } from '../../../policy/placement/podConstraints.js';
import { stateKeys, type NodeRecord, type SchedulingDecision, type WaitingRecord } from '../../types.js';
import { ReadyChain } from '../testing/readyChain.js';
import { podFacts, uidOf } from '../testing/samplePayloads.js';

let chain: ReadyChain;
beforeEach(() => {
  chain = new ReadyChain();
});
const decision = (pod: string) => chain.record<SchedulingDecision>(stateKeys.decision(uidOf(pod)));
const node = (name: string) => chain.record<NodeRecord>(stateKeys.node(name))!;
const admit = (name: string, pod: { constraints?: PodConstraints; cpuMillis?: number; priority?: number }) => chain.admit(name, { pod: { ...podFacts().pod!, ...pod } });
const cpus = () => node('eu-1').capacity.cpuMillis;

describe('a group', () => {
  const group = { constraints: { group: { name: 'ring', size: 3 } } };
  it('waits until as many as it needs are here, then all are placed by one request', () => {
    for (const name of ['r-1', 'r-2', 'r-3']) admit(name, group);
    expect(chain.place('r-1')).toMatchObject({ code: 'Waiting', reason: 'waiting: 1 of the 3 pods of group ring are here' });
    expect(chain.place('r-2')).toMatchObject({ code: 'Waiting' });
    const result = chain.place('r-3');
    expect(result).toMatchObject({ code: 'Placed' });
    expect((result.details as { group: { name: string }[] }).group.map(({ name }) => name).sort()).toEqual(['r-1', 'r-2', 'r-3']);
    expect(['r-1', 'r-2', 'r-3'].map((name) => decision(name)?.state)).toEqual(['Scheduled', 'Scheduled', 'Scheduled']);
    expect(chain.place('r-1', { attempt: 2 })).toMatchObject({ code: 'AlreadyPlaced' });
    expect(chain.record(stateKeys.waiting(uidOf('r-1')))).toBeUndefined();
  });
  it('leaves nothing behind when one of it finds no room', () => {
    for (const name of ['r-1', 'r-2', 'r-3']) admit(name, { ...group, cpuMillis: Math.floor(cpus() / 2) });
    for (const name of ['r-1', 'r-2']) chain.place(name);
    expect(chain.place('r-3')).toMatchObject({ code: 'Waiting', reason: expect.stringMatching(/group ring is placed whole, and its pod r-\d is waiting: .*1 EU node lacks cpu/) as string });
    expect(node('eu-1').allocated.pods).toBe(0);
    expect(['r-1', 'r-2', 'r-3'].map(decision)).toEqual([undefined, undefined, undefined]);
  });
  it('forgets a member that is gone', () => {
    for (const name of ['r-1', 'r-2', 'r-3']) admit(name, group);
    chain.place('r-1');
    chain.move('r-1', 'Released');
    chain.place('r-2');
    expect(chain.place('r-3')).toMatchObject({ reason: 'waiting: 2 of the 3 pods of group ring are here' });
  });
});

describe('preemption', () => {
  const preempt = (podUid: string, victimUid: string) => chain.run('operator', 'placement.preempt', { podUid: uidOf(podUid), victimUid: uidOf(victimUid) });
  beforeEach(() => {
    admit('low', { cpuMillis: cpus(), priority: 1 });
    chain.place('low');
    admit('high', { cpuMillis: cpus(), priority: 1_000 });
  });
  it('is decided with the waiting pod, receipted for the victim, and takes effect when the victim is gone', () => {
    expect(chain.place('high')).toMatchObject({ code: 'Waiting', details: { preemption: { node: 'eu-1', victims: [uidOf('low')] } } });
    expect(chain.record<WaitingRecord>(stateKeys.waiting(uidOf('high')))?.preemption?.node).toBe('eu-1');
    expect(preempt('high', 'low')).toMatchObject({ outcome: 'applied', code: 'Preempted', object: { kind: 'Pod', name: 'low', uid: uidOf('low') } });
    expect(decision('low')?.preemptedBy).toBe(uidOf('high'));
    expect(chain.place('high', { attempt: 2 }), 'what the victim holds is not free yet').toMatchObject({ code: 'Waiting' });
    chain.move('low', 'Released');
    expect(chain.place('high', { attempt: 3 })).toMatchObject({ code: 'Placed', details: { node: 'eu-1' } });
  });
  it('keeps the room from pods of lower priority meanwhile', () => {
    chain.place('high');
    preempt('high', 'low');
    chain.move('low', 'Released');
    admit('late', { cpuMillis: 1, priority: 5 });
    expect(chain.place('late')).toMatchObject({ code: 'Waiting' });
    expect(chain.place('high', { attempt: 2 })).toMatchObject({ code: 'Placed' });
  });
  it.each<[string, string, string]>([
    ['of a pod that no decision names', 'high', 'other'],
    ['for a pod that does not wait', 'low', 'high'],
  ])('is refused %s', (_name, pod, victim) => expect(preempt(pod, victim)).toMatchObject({ outcome: 'refused', code: 'NotAVictim' }));
  it('is not decided for a pod of the same priority', () => {
    admit('equal', { cpuMillis: cpus(), priority: 1 });
    expect(chain.place('equal').details).not.toHaveProperty('preemption');
  });
});
