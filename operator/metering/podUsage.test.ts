// What the kubelet says is taken over, what it leaves out is not invented.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laterUsage, usageIn, type StatsSummary } from './podUsage.js';

const pod = (stats: object): StatsSummary => ({ pods: [{ podRef: { uid: 'u1' }, ...stats }] });

describe('usageIn', () => {
  it.each<[string, StatsSummary, object | undefined]>([
    ['a pod with all figures', pod({ cpu: { usageCoreNanoSeconds: 2_500_000_000 }, memory: { workingSetBytes: 1_000 }, network: { interfaces: [{ rxBytes: 5, txBytes: 7 }, { rxBytes: 1 }] } }), { cpuTimeUsed: 2_500, memoryPeak: 1_000, networkBytes: 13 }],
    ['containers, where the pod has no figure', pod({ containers: [{ cpu: { usageCoreNanoSeconds: 3_000_000 }, memory: { workingSetBytes: 2 } }, { cpu: { usageCoreNanoSeconds: 4_000_000 } }] }), { cpuTimeUsed: 7, memoryPeak: 2 }],
    ['network in the older form', pod({ network: { rxBytes: 2, txBytes: 3 } }), { networkBytes: 5 }],
    ['zeros, which mean that nobody looked', pod({ cpu: { usageCoreNanoSeconds: 0 }, memory: { workingSetBytes: 0 }, containers: [{ cpu: { usageCoreNanoSeconds: 0 } }] }), undefined],
    ['containers, where the pod says zero', pod({ memory: { workingSetBytes: 0 }, containers: [{ memory: { workingSetBytes: 3 } }] }), { memoryPeak: 3 }],
    ['nothing at all', pod({}), undefined],
    ['figures that are none', pod({ cpu: { usageCoreNanoSeconds: -1 }, memory: { workingSetBytes: Number.NaN } }), undefined],
    ['no pods', {}, undefined],
  ])('%s', (_what, summary, usage) => expect(usageIn(summary).get('u1')).toEqual(usage));

  it('gives whole numbers or nothing, whatever it is told', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.double(), (cpu, memory, bytes) => {
        const usage = usageIn(pod({ cpu: { usageCoreNanoSeconds: cpu }, memory: { workingSetBytes: memory }, network: { rxBytes: bytes } })).get('u1') ?? {};
        for (const value of Object.values(usage)) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
      }),
    );
  });
});

describe('laterUsage', () => {
  it('keeps the peak of memory and the last of what is counted', () => {
    const first = { cpuTimeUsed: 1, memoryPeak: 9, networkBytes: 1 };
    expect(laterUsage(undefined, first)).toEqual(first);
    expect(laterUsage(first, { cpuTimeUsed: 5, memoryPeak: 3 })).toEqual({ cpuTimeUsed: 5, memoryPeak: 9, networkBytes: 1 });
  });
});
