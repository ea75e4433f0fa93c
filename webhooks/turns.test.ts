// New pods wait for what is decided about already, in their order; nothing else waits, and nobody is forgotten.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bringsPod, Turns } from './turns.js';

const asked = (operation: 'CREATE' | 'UPDATE', name: string, subResource = '', group = '') => ({ operation, resource: { group, version: 'v1', resource: name }, subResource });
const pod = asked('CREATE', 'pods');
const binding = asked('CREATE', 'pods', 'binding');

afterEach(() => void vi.useRealTimers());

describe('Turns', () => {
  it.each([
    [pod, true],
    [binding, false],
    [asked('UPDATE', 'pods'), false],
    [asked('CREATE', 'namespaces'), false],
    [asked('CREATE', 'pods', '', 'metrics.k8s.io'), false],
  ])('%o brings a pod: %s', (request, brings) => {
    expect(bringsPod(request)).toBe(brings);
  });

  it('keep new pods in order and within the room, let all else through at once, and end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 3 }), fc.array(fc.record({ isPod: fc.boolean(), fails: fc.boolean() }), { maxLength: 14 }), async (scheduler, room, requests) => {
        const turns = new Turns(room);
        const begun: number[] = [];
        let inside = 0;
        const work = requests.map(({ isPod, fails }, index) =>
          turns.through(isPod ? pod : binding, async () => {
            if (isPod) expect(inside).toBeLessThan(room);
            inside += 1;
            begun.push(index);
            await scheduler.schedule(Promise.resolve());
            inside -= 1;
            if (fails) throw new Error(`request ${index}`);
          }),
        );
        const others = requests.flatMap(({ isPod }, index) => (isPod ? [] : [index]));
        await Promise.resolve();
        expect(begun.filter((index) => others.includes(index))).toEqual(others);
        const settled = Promise.allSettled(work);
        await scheduler.waitFor(settled);
        const pods = requests.flatMap(({ isPod }, index) => (isPod ? [index] : []));
        expect(begun.filter((index) => pods.includes(index))).toEqual(pods);
        expect((await settled).map(({ status }) => status === 'rejected')).toEqual(requests.map(({ fails }) => fails));
      }),
    );
  });

  it('let a pod in after a while whatever goes on, and go on in order afterwards', async () => {
    vi.useFakeTimers();
    const turns = new Turns(1, 3_000);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const begin = (name: string) => turns.through(pod, () => (begun.push(name), new Promise<void>((resolve) => ends.set(name, resolve))));
    const all = ['a', 'b', 'c', 'd'].map(begin);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(begun).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    all.push(begin('e'), begin('f'));
    for (const name of ['a', 'b', 'c']) ends.get(name)!();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toHaveLength(4);
    ends.get('d')!();
    await vi.advanceTimersByTimeAsync(0);
    expect(begun.at(-1)).toBe('e');
    ends.get('e')!();
    await vi.advanceTimersByTimeAsync(0);
    ends.get('f')!();
    await Promise.all(all);
  });
});
