import { beforeEach, describe, expect, it } from 'vitest';
import { NODE_SILENT_MS, stateKeys, type NodeRecord } from '../../types.js';
import { ReadyChain } from '../testing/readyChain.js';

let chain: ReadyChain;
beforeEach(() => {
  chain = new ReadyChain();
});
const node = (name: string) => chain.record<NodeRecord>(stateKeys.node(name))!;
const beat = (...nodes: string[]) => chain.run('node-operator', 'node.beat', { nodes });
const lose = (actor: 'operator' | 'node-operator', name: string, timestamp?: number) => chain.run(actor, 'node.lost', { name, reason: 'its kubelet is gone' }, timestamp);

describe('node.lost', () => {
  it('is not for others to say of a node that beats', () => {
    beat('eu-1');
    expect(lose('operator', 'eu-1')).toMatchObject({ outcome: 'refused', code: 'NotSilent' });
    expect(node('eu-1').lost).toBeUndefined();
  });
  it('is not for others to say of a node that never beat', () => {
    expect(lose('operator', 'eu-1')).toMatchObject({ outcome: 'refused', code: 'NotSilent' });
  });
  it('follows from silence, counted up to the block before, so that beats which waited for a chain that stood still count', () => {
    beat('eu-1');
    expect(lose('operator', 'eu-1', chain.nextTime + NODE_SILENT_MS), 'the first block after the gap').toMatchObject({ code: 'NotSilent' });
    expect(lose('operator', 'eu-1'), 'the next block').toMatchObject({ outcome: 'applied', code: 'Lost' });
    expect(node('eu-1').lost).toMatch(/^it was not heard for \d+ ms$/);
  });
  it('is its owner\'s to say at any time, and once', () => {
    beat('eu-1');
    expect(lose('node-operator', 'eu-1')).toMatchObject({ code: 'Lost', reason: expect.stringContaining('its kubelet is gone') as string });
    expect(lose('node-operator', 'eu-1')).toMatchObject({ code: 'Unchanged' });
  });
  it('keeps pods away until the node beats again', () => {
    lose('node-operator', 'eu-1');
    chain.admit('pod-1');
    expect(chain.place('pod-1')).toMatchObject({ code: 'Waiting', reason: expect.stringContaining('1 node lost') as string });
    expect(beat('eu-1')).toMatchObject({ details: { returned: ['eu-1'] } });
    expect(chain.place('pod-1', { attempt: 2 })).toMatchObject({ code: 'Placed' });
  });
});

describe('node.beat', () => {
  it.each([
    ['a node that nobody committed', 'nowhere', 'UnknownNode'],
  ])('refuses %s', (_name, name, code) => expect(beat(name)).toMatchObject({ outcome: 'refused', code }));
});
