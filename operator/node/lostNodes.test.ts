import { describe, expect, it } from 'vitest';
import type { FinalisedBlock, NodeRecord } from '../../chain/types.js';
import type { ReceiptPredicate } from '../../receipts/types.js';
import { LostNodes } from './lostNodes.js';

const block = (timestamp: number, ...nodes: string[]) =>
  ({ header: { timestamp }, transactions: nodes.length > 0 ? [JSON.stringify({ body: { type: 'node.beat', payload: { nodes } }, signature: '' })] : [] }) as unknown as FinalisedBlock;
const receipt = (operationType: string, code: string, name: string, details?: object) =>
  ({ operationType, code, reason: `node ${name} is lost: it was not heard for 14000 ms; 3 pods placed on it are to be placed again`, object: { kind: 'Node', name }, details }) as ReceiptPredicate;

describe('LostNodes', () => {
  it('tells silence by chain time, of nodes that have beaten', () => {
    const nodes = new LostNodes();
    nodes.block(block(1_000, 'a', 'b'));
    nodes.block(block(10_000, 'b'));
    expect(nodes.silent(13_000)).toEqual([]);
    expect(nodes.silent(14_001)).toEqual(['a']);
    expect(nodes.silent(60_000)).toEqual(['a', 'b']);
  });
  it('keeps why a node is lost until it beats again', () => {
    const nodes = new LostNodes();
    nodes.block(block(1_000, 'a'));
    expect(nodes.receipt(receipt('node.lost', 'Lost', 'a'))).toEqual(['a']);
    expect(nodes.why('a')).toBe('it was not heard for 14000 ms');
    expect(nodes.silent(60_000)).toEqual([]);
    expect(nodes.receipt(receipt('node.beat', 'Heard', 'a', { returned: ['a'] }))).toEqual(['a']);
    expect(nodes.why('a')).toBeUndefined();
  });
  it('begins with what the ledger says', () => {
    const nodes = new LostNodes();
    nodes.begin([{ name: 'a', lost: 'gone' }, { name: 'b' }] as NodeRecord[]);
    expect([nodes.why('a'), nodes.why('b')]).toEqual(['gone', undefined]);
  });
  it('forgets a node that was removed', () => {
    const nodes = new LostNodes();
    nodes.block(block(1_000, 'a'));
    nodes.receipt(receipt('node.remove', 'Removed', 'a'));
    expect(nodes.silent(60_000)).toEqual([]);
  });
});
