import { describe, expect, it } from 'vitest';
import type { NodeStatus } from '../../chain/node/api/context.js';
import type { NodeRecord } from '../../chain/types.js';
import { byRegion, statusText, type EncStatus } from './statusCommand.js';
import { viewsOf } from './validatorViews.js';

const answer = (index: number, changes: Partial<NodeStatus> = {}): NodeStatus => ({
  chainId: 'enc-test', height: 9, headHash: '', address: `v${index}`, index, round: 0, peersConnected: 2, syncing: false, halted: null, mempool: { size: 0, bytes: 0 }, version: '1',
  validators: [0, 1, 2].map((i) => ({ index: i, address: `v${i}`, connected: i !== 2, lastHeight: i === 2 ? 4 : 9 })),
  ...changes,
});

describe('viewsOf', () => {
  it.each<[string, NodeStatus[], [string, string, number | null][]]>([
    ['what the others say of one that does not answer', [answer(0), answer(1)], [['v0', 'running', 9], ['v1', 'running', 9], ['v2', 'not heard', 4]]],
    ['one that runs but has no known endpoint', [answer(0)], [['v0', 'running', 9], ['v1', 'running', 9], ['v2', 'not heard', 4]]],
    ['one that catches up', [answer(2, { syncing: true, height: 5 })], [['v0', 'running', 9], ['v1', 'running', 9], ['v2', 'syncing', 5]]],
    ['nobody', [], [['v0', 'not asked', null], ['v1', 'not asked', null], ['v2', 'not asked', null]]],
  ])('shows %s', (_name, answers, expected) => {
    expect(viewsOf(['v0', 'v1', 'v2'], answers).map(({ address, state, height }) => [address, state, height])).toEqual(expected);
  });
});

const node = (region: string, ready: boolean): NodeRecord =>
  ({ region, ready, capacity: { cpuMillis: 4000 }, allocated: { cpuMillis: 500, pods: 2 } }) as unknown as NodeRecord;

const status: EncStatus = {
  chain: { chainId: 'enc-test', height: 9, time: 0, policyHeight: 5 },
  validators: viewsOf(['v0', 'v1', 'v2'], [answer(0), answer(1, { halted: { since: 1_000, missing: [] } })]),
  regions: byRegion([node('US', false), node('EU', true), node('EU', true)]),
  policies: ['sovereignty'],
  rules: [],
  agreements: [{ name: 'payments', state: 'InForce' }, { name: 'old', state: 'Expired' }],
  resources: [{ kind: 'Workload', name: 'shop/cart', state: 'Running', message: '' }],
};

describe('statusText', () => {
  it.each([
    ['the halt', /block 9 of 1970-01-01T00:00:00.000Z, verified; halted since 1970-01-01T00:00:01/],
    ['who is missing', /validators +2 of 3 running; v2 not heard/],
    ['policies with their height', /policies +sovereignty \(set of block 5\)/],
    ['defaults', /traffic rules +none: the defaults decide/],
    ['agreements in force and ended', /agreements +payments; ended: old \(Expired\)/],
    ['nodes by region', /EU +2 +2 +1000m of 8000m +4\nUS +1 +0 +500m of 4000m +2/],
    ['resources', /Workload +shop\/cart +Running/],
  ])('shows %s', (_name, pattern) => expect(statusText(status)).toMatch(pattern));

  it('says why the cluster\'s part is missing', () => {
    expect(statusText({ ...status, resources: null, clusterFault: 'no kubeconfig was found' })).toMatch(/resources: no kubeconfig was found$/);
  });
});
