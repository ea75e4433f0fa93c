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
    const seen: string[] = [];
    const nodes = () => ['real', 'simulated'];
    const sampler = new UsageSampler({ api: { get }, logger: silentLogger(), nodes, allNodes: nodes, seen: (node, { pods }) => seen.push(`${node} runs ${pods!.length}`) }, () => now);
    expect(sampler.of('u1')).toBeUndefined();
    await sampler.sample();
    await sampler.sample();
    expect(sampler.of('u1')).toEqual({ cpuTimeUsed: 3, memoryPeak: 98 });
    expect(asked.filter((path) => path.includes('/simulated/'))).toHaveLength(1);
    expect(seen).toEqual(['real runs 1', 'real runs 1']);
    now = 31 * 60_000;
    await sampler.sample();
    expect(asked.filter((path) => path === '/api/v1/nodes/simulated/proxy/stats/summary')).toHaveLength(2);
  });

  it('looks at all nodes twice in a row, now and then', async () => {
    const asked: string[] = [];
    const get = <T>(path: string): Promise<T> => (asked.push(path.split('/')[4]!), Promise.resolve({} as T));
    const sampler = new UsageSampler({ api: { get }, logger: silentLogger(), nodes: () => ['ours'], allNodes: () => ['ours', 'other'], seen: () => undefined });
    for (let i = 0; i < 22; i++) await sampler.sample();
    expect(asked.filter((node) => node === 'ours')).toHaveLength(22);
    expect(asked.filter((node) => node === 'other')).toHaveLength(4);
  });
});
