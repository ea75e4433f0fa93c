import { describe, expect, it, vi } from 'vitest';
import { stateKeys } from '../../chain/types.js';
import { testBundles, testFacts } from '../../receipts/testing/testReceipts.js';
import { testValidators } from '../../receipts/testing/testValidators.js';
import type { ReceiptBundle } from '../../receipts/types.js';
import { addExplainCommand } from './explainCommand.js';
import { runEnc } from './testing/runEnc.js';

const validators = testValidators(4);
const [workload, placedPod, refusedPod] = testBundles(validators, [
  testFacts(0, { operationType: 'workload.put', outcome: 'applied', code: 'Registered', reason: 'registered', object: { kind: 'Workload', namespace: 'shop', name: 'cart', uid: 'w' } }),
  testFacts(1, { operationType: 'placement.request', outcome: 'applied', code: 'Placed', reason: 'placed', object: { kind: 'Pod', namespace: 'shop', name: 'cart-a', uid: 'p' } }),
  testFacts(2, { object: { kind: 'Pod', namespace: 'shop', name: 'cart-b' } }),
]);
const byName: Record<string, ReceiptBundle[]> = { 'Workload/cart': [workload!], 'Pod/cart-a': [placedPod!] };
const states: Record<string, unknown> = { [stateKeys.decision('p')]: { targetNode: 'eu-1', height: 7, state: 'Running', policyHeight: 5, explanation: { message: 'placed on eu-1 (score 1)', nodes: [] } } };
const chain = {
  genesis: { chainId: 'enc-test', validatorSet: validators.set },
  client: {
    receiptsFor: ({ kind, name }: { kind: string; name: string }) => Promise.resolve(byName[`${kind}/${name}`] ?? []),
    receipt: (id: string) => Promise.resolve(id === testFacts(2).receiptId ? refusedPod : undefined),
    getState: (key: string) => Promise.resolve({ value: states[key], height: 7 }),
  },
};
vi.mock('./withChain.js', () => ({ withChain: (_flags: unknown, use: (chain: unknown) => unknown) => use(chain) }));

const asked: string[] = [];
const event = (name: string, message: string) => ({ involvedObject: { kind: 'ReplicaSet', name }, reason: 'FailedCreate', message, lastTimestamp: '2026-01-01T00:00:00Z' });
vi.mock('./config.js', async (original) => ({ ...(await original<object>()), kubeconfigFile: () => 'kubeconfig' }));
vi.mock('./clusterReader.js', () => ({
  openCluster: () => ({
    namespace: 'shop',
    get: (apiPath: string) => {
      asked.push(apiPath);
      if (apiPath.includes('/pods?')) return Promise.resolve({ items: [{ metadata: { name: 'cart-a' } }] });
      const other = event('cartoon', `receipt ${'0'.repeat(64)}`);
      const own = event('cart-5d', `admission webhook denied the request: … (receipt ${testFacts(2).receiptId})`);
      return Promise.resolve({ items: [other, own, own] });
    },
  }),
}));
const explain = (...arguments_: string[]) => runEnc(addExplainCommand, ['explain', ...arguments_]);

describe('kubectl enc explain', () => {
  it('explains a pod in the kubeconfig\'s namespace from its receipts and its decision', async () => {
    expect(await explain('pod/cart-a')).toEqual({ exitCode: 0, text: expect.stringMatching(/^Pod shop\/cart-a is Running on node eu-1, decided in block 7/) as string });
  });

  it('explains a workload, its placed pods and those refused at creation, each once', async () => {
    const { text } = await explain('workload/cart', '-o', 'json');
    expect((JSON.parse(text) as { object: string }[]).map(({ object }) => object)).toEqual(['Workload shop/cart', 'Pod shop/cart-a', 'Pod shop/cart-b']);
    expect(asked).toContain('/api/v1/namespaces/shop/pods?labelSelector=enc.metanode.io%2Fworkload%3Dcart');
  });

  it.each<[string, string, number, RegExp]>([
    ['an object the chain does not know', 'pod/none', 1, /the chain has no receipt about Pod shop\/none; is its name and namespace right/],
    ['an unknown kind', 'job/x', 2, /"job" is no kind/],
  ])('refuses %s', async (_name, object, exitCode, message) => {
    expect(await explain(object)).toEqual({ exitCode, text: expect.stringMatching(message) as string });
  });
});
