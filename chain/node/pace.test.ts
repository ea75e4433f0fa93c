// Verdicts share blocks: what nobody waits for makes no block of its own at once, whatever else comes takes it along, and nothing waits without end.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE_MS } from '../patience.js';
import { Mempool, type Waiting } from './mempool.js';
import { dueIn, Pace } from './pace.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

let made = 0;
const entry = (patient: boolean, unhurried = false): Waiting => {
  const id = `t${(made += 1)}`;
  return { id, raw: id, leaf: id, sender: 's', validUntil: 100, patient, unhurried, since: Date.now(), bytes: 1, own: true, durable: Promise.resolve() };
};

function start() {
  const pool = new Mempool();
  const seen: string[] = [];
  const told: string[] = [];
  const pace = new Pace(pool, { work: () => seen.push(`work of ${pool.size}`), accepted: ({ id }) => told.push(id) });
  const take = (patient: boolean, unhurried = false) => {
    const one = entry(patient, unhurried);
    pool.add(one);
    pace.accepted(one);
    pace.added();
    return one.id;
  };
  const block = () => {
    for (const { id } of [...pool.all()]) pool.remove(id);
    pace.blockFinal();
  };
  return { pool, pace, seen, told, take, block };
}

describe('Pace', () => {
  it('has work at once for what somebody waits for', () => {
    const { seen, told, take } = start();
    const id = take(false);
    expect([seen, told]).toEqual([['work of 1'], [id]]);
  });

  it('lets verdicts wait for one another, and tells the others of them together', () => {
    const { seen, told, take } = start();
    const first = take(true);
    vi.advanceTimersByTime(PATIENCE_MS.gather - 1);
    const second = take(true);
    expect([seen, told]).toEqual([[], []]);
    vi.advanceTimersByTime(1);
    expect([seen, told]).toEqual([['work of 2'], [first, second]]);
  });

  it('makes no block for what validators report of themselves, and tells the others, whose block takes it along', () => {
    const { seen, told, take } = start();
    const id = take(true, true);
    vi.advanceTimersByTime(60_000);
    expect([seen, told]).toEqual([[], [id]]);
    take(true);
    vi.advanceTimersByTime(PATIENCE_MS.gather);
    expect(seen).toEqual(['work of 2']);
  });

  it('takes verdicts along with whatever else comes', () => {
    const { seen, take } = start();
    take(true);
    take(false);
    expect(seen).toEqual(['work of 2']);
  });

  it('keeps blocks of verdicts apart', () => {
    const { seen, take, block } = start();
    block();
    take(true);
    vi.advanceTimersByTime(PATIENCE_MS.apart - 1);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual(['work of 1']);
  });

  it('goes on at the next height with what came while a block was made', () => {
    const { seen, pace, take, block } = start();
    take(false);
    take(true);
    block();
    take(true);
    expect(pace.hasWork()).toBe(false);
    vi.advanceTimersByTime(PATIENCE_MS.apart);
    expect(seen.at(-1)).toBe('work of 1');
    expect(pace.hasWork()).toBe(true);
  });

  it('does not wait when enough have come', () => {
    const { seen, take } = start();
    for (let i = 0; i < 127; i++) take(true);
    expect(seen).toEqual([]);
    take(true);
    expect(seen).toEqual(['work of 128']);
  });

  it('never lets anything wait for longer than the pause between blocks', () => {
    const pool = new Mempool();
    pool.add(entry(true));
    for (const blockAt of [0, Date.now() - 50, Date.now(), Date.now() + 5]) expect(dueIn(pool, blockAt, Date.now())).toBeLessThanOrEqual(PATIENCE_MS.apart);
    expect(dueIn(pool, Date.now(), Date.now() + PATIENCE_MS.apart)).toBe(0);
    expect(dueIn(new Mempool(), 0, Date.now())).toBeUndefined();
  });

  it('stops', () => {
    const { seen, told, pace, take } = start();
    take(true);
    pace.stop();
    vi.advanceTimersByTime(10_000);
    expect([seen, told]).toEqual([[], []]);
  });
});
