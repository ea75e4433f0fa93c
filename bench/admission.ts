// Pod creates answered by the API server: with our webhooks in the path, and in an exempt namespace without them.
import type { KubeApi } from '../operator/runtime/kubeApi.js';
import { quantile, type Row } from './results.js';

const SAMPLES = 300;
const WARM_UP = 30;

const body = (name: string, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { 'enc.metanode.io/data-classification': 'Restricted', 'enc.metanode.io/data-region': 'EU' }, annotations: { 'enc.metanode.io/agreements': 'payments-agreement' } },
  spec: { schedulerName: namespace === 'payments' ? 'enc-scheduler' : 'nobody', automountServiceAccountToken: false, nodeSelector: { bench: 'nowhere' }, containers: [{ name: 'main', image: 'enc.local/demo:1', resources: { requests: { cpu: '1m', memory: '1Mi' } } }] },
});

/** Milliseconds of each create, one at a time; the pods are removed afterwards. */
async function createMany(api: KubeApi, namespace: string): Promise<number[]> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const took: number[] = [];
  const names = Array.from({ length: SAMPLES + WARM_UP }, (_, i) => `bench-${process.pid}-${i}`);
  try {
    for (const [i, name] of names.entries()) {
      const began = performance.now();
      await api.create(path, body(name, namespace));
      if (i >= WARM_UP) took.push(performance.now() - began);
    }
    return took;
  } finally {
    for (const name of names) await api.delete(`${path}/${name}`, { gracePeriodSeconds: 0 }).catch(() => undefined);
  }
}

export async function measureAdmission(api: KubeApi): Promise<Row[]> {
  const peerName = 'the same create without webhooks';
  const plain = await createMany(api, 'kube-public');
  const ours = await createMany(api, 'payments');
  return [0.5, 0.99].map((q) => ({ metric: `pod create, p${q * 100}`, unit: 'ms', ours: quantile(ours, q), peer: quantile(plain, q), peerName, better: 'lower' as const }));
}
