// From pod create to bound: verdict, placement by consensus, binding; one pod at a time.
import type { KubeApi } from '../operator/runtime/kubeApi.js';
import { quantile, type Row } from './results.js';

const SAMPLES = 40;
const POLL_MS = 2;
const GIVE_UP_MS = 30_000;

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'payments', labels: { 'enc.metanode.io/data-classification': 'Restricted', 'enc.metanode.io/data-region': 'EU' }, annotations: { 'enc.metanode.io/agreements': 'payments-agreement' } },
  spec: { automountServiceAccountToken: false, nodeSelector: { type: 'kwok' }, containers: [{ name: 'main', image: 'enc.local/demo:1', resources: { requests: { cpu: '1m', memory: '1Mi' } } }] },
});

export async function measurePlacement(api: KubeApi): Promise<Row[]> {
  const took: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const name = `bench-place-${process.pid}-${i}`;
    const path = '/api/v1/namespaces/payments/pods';
    const began = performance.now();
    await api.create(path, pod(name));
    for (;;) {
      const { spec } = await api.get<{ spec: { nodeName?: string } }>(`${path}/${name}`);
      if (spec.nodeName) break;
      if (performance.now() - began > GIVE_UP_MS) throw new Error(`pod ${name} was not bound within ${GIVE_UP_MS} ms; is the operator running?`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    took.push(performance.now() - began);
    await api.delete(`${path}/${name}`, { gracePeriodSeconds: 0 });
  }
  return [0.5, 0.99].map((q) => ({ metric: `pod create to bound, p${q * 100}`, unit: 'ms', ours: quantile(took, q), peer: null, peerName: '', better: 'lower' as const }));
}
