// Kubelets are asked for what their pods use; those that do not answer are left in peace.
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../testing/silentLogger.js';
import { UsageSampler } from './usageSampler.js';

const summary = (cpu: number) => ({ pods: [{ podRef: { uid: 'u1' }, cpu: { usageCoreNanoSeconds: cpu * 1_000_000 }, memory: { workingSetBytes: 100 - cpu } }] });

describe('UsageSampler', () => {
  it('remembers what each node says of its pods, and does not ask a silent one again at once', async () => {
    const asked: string[] = [];
    let [cpu, now] = [1, 0];
    const get = <T>(path: string): Promise<T> => {
      asked.push(path);
      return path.includes('/real/') ? Promise.resolve(summary((cpu += 1)) as T) : Promise.reject(new Error('no kubelet'));
    };
    const sampler = new UsageSampler({ api: { get }, logger: silentLogger(), nodes: () => ['real', 'simulated'] }, () => now);
    expect(sampler.of('u1')).toBeUndefined();
    await sampler.sample();
    await sampler.sample();
    expect(sampler.of('u1')).toEqual({ cpuTimeUsed: 3, memoryPeak: 98 });
    expect(asked.filter((path) => path.includes('/simulated/'))).toHaveLength(1);
    now = 31 * 60_000;
    await sampler.sample();
    expect(asked.filter((path) => path === '/api/v1/nodes/simulated/proxy/stats/summary')).toHaveLength(2);
  });
});
