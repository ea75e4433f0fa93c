// The mempool never exceeds its limits, never holds a transaction twice and gives every sender's in order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mempool, type Waiting } from './mempool.js';

const entry = (id: string, sender = 'a', bytes = 10, validUntil = 100): Waiting => ({
  id,
  raw: `raw ${id}`,
  leaf: `leaf ${id}`,
  sender,
  bytes,
  validUntil,
  patient: false,
  since: 0,
  own: true,
  durable: Promise.resolve(),
});

describe('Mempool', () => {
  it('counts right whatever is added, removed and expired', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), id: fc.nat(20), sender: fc.nat(2), bytes: fc.integer({ min: 1, max: 40 }), validUntil: fc.nat(10) }),
      fc.record({ kind: fc.constant('remove' as const), id: fc.nat(20) }),
      fc.record({ kind: fc.constant('expire' as const), height: fc.nat(12) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const pool = new Mempool({ transactions: 8, bytes: 150, perSender: 4 });
        const model = new Map<string, Waiting>();
        for (const op of operations) {
          if (op.kind === 'add') {
            const one = entry(`${op.id}`, `s${op.sender}`, op.bytes, op.validUntil);
            if (pool.add(one) === 'added') model.set(one.id, one);
          } else if (op.kind === 'remove') {
            pool.remove(`${op.id}`);
            model.delete(`${op.id}`);
          } else {
            pool.expire(op.height);
            for (const [id, { validUntil }] of model) if (validUntil < op.height) model.delete(id);
          }
          const all = [...model.values()];
          expect([...pool.all()]).toEqual(all);
          expect(pool.bytes).toBe(all.reduce((sum, { bytes }) => sum + bytes, 0));
          expect(pool.size <= 8 && pool.bytes <= 150).toBe(true);
          for (const sender of ['s0', 's1', 's2']) expect(all.filter((one) => one.sender === sender).length).toBeLessThanOrEqual(4);
        }
      }),
    );
  });

  it.each([
    ['the same one', entry('x', 'a'), 'known'],
    ['one more of a sender with its share', entry('y', 'a'), 'SenderFull'],
    ['one that exceeds the bytes', entry('y', 'b', 91), 'Full'],
    ['one of another sender', entry('y', 'b'), 'added'],
  ] as const)('answers %s', (_, more, outcome) => {
    const pool = new Mempool({ transactions: 3, bytes: 100, perSender: 1 });
    pool.add(entry('x', 'a'));
    expect(pool.add(more)).toBe(outcome);
  });

  it('selects the oldest that fit and keeps them', () => {
    const pool = new Mempool();
    for (const [id, bytes] of [['a', 10], ['b', 30], ['c', 5]] as const) pool.add(entry(id, 's', bytes)); // prettier-ignore
    const ids = (limits: { transactions: number; bytes: number }) => pool.oldest(limits).map(({ id }) => id);
    expect(ids({ transactions: 2, bytes: 100 })).toEqual(['a', 'b']);
    expect(ids({ transactions: 9, bytes: 39 })).toEqual(['a']);
    expect(ids({ transactions: 9, bytes: 45 })).toEqual(['a', 'b', 'c']);
    expect(pool.size).toBe(3);
  });

  it('says whether a placement came before the verdict that lets its pod in', () => {
    const pool = new Mempool();
    const lacks = (since: number, known: string[] = []) => pool.lacksVerdict(since, (uid) => known.includes(uid));
    pool.add({ ...entry('verdict a'), letsIn: 'a' });
    pool.add({ ...entry('placement a'), places: 'a', since: 5 });
    expect(lacks(0)).toBe(false);
    pool.add({ ...entry('placement b'), places: 'b', since: 7 });
    expect([lacks(0), lacks(7), lacks(8), lacks(0, ['b'])]).toEqual([true, true, false, false]);
    pool.add({ ...entry('verdict b'), letsIn: 'b' });
    expect(lacks(0)).toBe(false);
    pool.remove('verdict a');
    expect([lacks(0), lacks(0, ['a'])]).toEqual([true, false]);
    pool.remove('placement a');
    expect(lacks(0)).toBe(false);
  });
});
