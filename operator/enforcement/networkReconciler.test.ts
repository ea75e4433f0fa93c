// A cut that was made for a pod stays while the watch has not told of the pod's label yet, and goes when none came.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RUNTIME_LABELS } from '../../api/labels.js';
import { aPolicySet } from '../../policy/testing/builders.js';
import type { Pod } from '../runtime/kubeObject.js';
import { CUT_POLICY, type NetworkPolicy } from './networkPolicies.js';
import { NetworkReconciler, type NetworkSources } from './networkReconciler.js';
import { RunningPods } from './runningPods.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function start() {
  const policies = new Map<string, NetworkPolicy>();
  const running = new RunningPods();
  const api = {
    patch: async (_path: string, _type: string, policy: NetworkPolicy) => void policies.set(`${policy.metadata.namespace}/${policy.metadata.name}`, { ...policy, metadata: { ...policy.metadata, uid: 'u' } }),
    delete: async (path: string) => void policies.delete(`payments/${path.split('/').at(-1)}`),
  };
  const reconciler = new NetworkReconciler({
    client: { policySet: () => aPolicySet() },
    chain: { send: async () => ({ transactionId: 'r' }) },
    api,
    metrics: { networkPolicies: { inc: () => undefined } },
    running,
    admissions: { known: () => undefined },
    encClusters: { get: () => undefined },
    networkPolicies: { get: (key: string) => policies.get(key), list: () => [...policies.values()] },
    namespaceLabels: () => ({ 'enc.metanode.io/enforced': 'true' }),
  } as unknown as NetworkSources);
  const label = (cut: boolean) => running.put({ metadata: { uid: 'p', name: 'p', namespace: 'payments', labels: cut ? { [RUNTIME_LABELS.cut]: 'true' } : {} }, spec: {} } as unknown as Pod);
  return { reconciler, label, cuts: () => [...policies.keys()].filter((key) => key === `payments/${CUT_POLICY}`) };
}

it('stays until the label is seen, and as long as it is there', async () => {
  const { reconciler, label, cuts } = start();
  label(false);
  await reconciler.cutOff('payments');
  expect(cuts()).toHaveLength(1);
  expect(await reconciler.reconcile('payments')).toMatchObject({ againMs: 10_000 });
  expect(cuts()).toHaveLength(1);
  label(true);
  vi.advanceTimersByTime(10_000);
  await reconciler.reconcile('payments');
  expect(cuts()).toHaveLength(1);
  label(false);
  await reconciler.reconcile('payments');
  expect(cuts()).toEqual([]);
});

it('goes when no label came', async () => {
  const { reconciler, label, cuts } = start();
  label(false);
  await reconciler.cutOff('payments');
  vi.advanceTimersByTime(10_000);
  expect(await reconciler.reconcile('payments')).toEqual({ receiptId: 'r' });
  expect(cuts()).toEqual([]);
});
