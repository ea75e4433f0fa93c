import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../api/labels.js';
import { sample } from '../../api/testing/samples.js';
import type { FinalisedBlock, Genesis } from '../../chain/types.js';
import { plan, status } from './decide.js';
import type { SeenEncCluster } from './gather.js';
import { ValidatorWatch, WINDOW_BLOCKS } from './validatorWatch.js';

function seen(changes: Partial<SeenEncCluster> = {}): SeenEncCluster {
  const object = sample('EncCluster');
  Object.assign(object.metadata, { uid: 'u', generation: 1, finalizers: [FINALIZER] });
  const member = { kind: 'EncCluster' as const, name: object.metadata.name, uid: 'u', generation: 1, hash: 'h' };
  const validators = [
    { address: 'validator-0', connected: true },
    { address: 'validator-1', connected: true },
  ];
  return {
    object,
    member,
    policyHeight: 4,
    refused: undefined,
    chainId: 'enc-test',
    height: 9,
    validators,
    stalled: false,
    nodes: { total: 2, ready: 1 },
    ...changes,
  };
}

describe('plan', () => {
  it('registers, removes, and looks again at an interval', () => {
    expect(plan(seen({ member: undefined })).steps).toMatchObject([
      { type: 'cluster.put', payload: { name: 'sample-enccluster', uid: 'u', generation: 1 } },
    ]);
    const deleted = seen();
    deleted.object.metadata.deletionTimestamp = 'now';
    expect(plan(deleted).steps).toMatchObject([{ type: 'cluster.remove' }, { do: 'dropFinalizer' }]);
    expect(plan(seen())).toMatchObject({ steps: [], againMs: 30_000 });
  });
});

describe('status', () => {
  it.each<[string, Partial<SeenEncCluster>, string, string]>([
    ['registered', {}, 'Registered', '2 validators take part'],
    ['not on the ledger yet', { member: undefined }, 'Pending', '2 validators take part'],
    [
      'a validator is away',
      {
        validators: [
          { address: 'validator-0', connected: true },
          { address: 'validator-1', connected: false },
        ],
      },
      'Degraded',
      'validator-1 signed none of the recent blocks',
    ],
    ['no node is ready', { nodes: { total: 3, ready: 0 } }, 'Degraded', 'none of 3 nodes is ready'],
    ['no nodes at all is no fault', { nodes: { total: 0, ready: 0 } }, 'Registered', '2 validators take part'],
    ['no blocks', { stalled: true }, 'Degraded', 'no block was finalised for some time'],
  ])('%s', (_name, changes, phase, message) => {
    const found = status(seen(changes));
    expect(found).toMatchObject({ phase, chainId: 'enc-test', height: 9 });
    expect(found.conditions.find(({ type }) => type === 'Healthy')?.message).toBe(message);
  });
});

describe('ValidatorWatch', () => {
  const genesis = {
    validatorSet: { validators: Array.from({ length: 9 }, (_, index) => ({ address: `v${index}` })) },
    consensus: { blockTimeMs: 2_000 },
  } as unknown as Genesis;
  const block = (height: number, proposer: number, signers: string) => ({ header: { height, proposer }, certificate: { signers } }) as FinalisedBlock;
  const connected = (watch: ValidatorWatch) => watch.status().flatMap(({ address, connected: is }) => (is ? [address] : []));

  it('counts nobody as away before it has seen enough', () => {
    const watch = new ValidatorWatch(genesis, () => 0);
    expect(connected(watch)).toHaveLength(9);
    watch.block(block(1, 0, '0100'));
    expect(connected(watch)).toHaveLength(9);
  });

  it('takes signers from the bitmap, least bit first, and the proposer', () => {
    const watch = new ValidatorWatch(genesis, () => 0);
    for (let height = 1; height <= WINDOW_BLOCKS + 1; height += 1) watch.block(block(height, 3, '0501'));
    expect(connected(watch)).toEqual(['v0', 'v2', 'v3', 'v8']);
  });

  it('forgets who has not signed for a whole window', () => {
    const watch = new ValidatorWatch(genesis, () => 0);
    watch.block(block(1, 0, '0200'));
    for (let height = 2; height <= WINDOW_BLOCKS; height += 1) watch.block(block(height, 0, '0100'));
    expect(connected(watch)).toContain('v1');
    watch.block(block(WINDOW_BLOCKS + 1, 0, '0100'));
    expect(connected(watch)).toEqual(['v0']);
  });

  it('says when blocks have stopped', () => {
    let now = 0;
    const watch = new ValidatorWatch(genesis, () => now);
    watch.block(block(1, 0, '0100'));
    now = 20_000;
    expect(watch.stalled()).toBe(false);
    now = 20_001;
    expect(watch.stalled()).toBe(true);
  });
});
