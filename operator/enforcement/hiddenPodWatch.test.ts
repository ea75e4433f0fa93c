// A pod that runs past the API server leaves one receipt and one event, and is tried again while it could not be recorded.
import { expect, it, vi } from 'vitest';
import type { Node } from '../runtime/kubeObject.js';
import { silentLogger } from '../testing/silentLogger.js';
import { HiddenPodWatch } from './hiddenPodWatch.js';

it('tells once, when the chain has taken it', async () => {
  const sent: unknown[] = [];
  const events: string[] = [];
  let fails = true;
  const watch = new HiddenPodWatch({
    chain: { send: (async (type: string, payload: unknown) => (sent.push([type, payload]), fails ? Promise.reject(new Error('no quorum')) : { transactionId: 'r1' })) as never },
    events: { record: async (object, { reason, note }) => void events.push(`${object.metadata.name} ${reason} ${note}`) },
    logger: silentLogger(),
    metrics: { hiddenPods: { inc: () => void events.push('counted') } as never },
    running: { get: () => undefined, all: () => [] },
    node: (name) => ({ metadata: { name, uid: 'node-uid' } }) as Node,
  });
  const look = () => watch.look('n', { pods: [{ podRef: { uid: 'u', name: 'miner', namespace: 'payments' } }] });
  look();
  expect(sent).toHaveLength(0);
  look();
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(events).toEqual([]);
  fails = false;
  await new Promise((resolve) => setImmediate(resolve));
  look();
  await vi.waitFor(() => expect(events).toEqual(['counted', expect.stringMatching(/^n HiddenPod node n runs pod payments\/miner .*\(receipt r1\)$/)]));
  expect(sent.at(-1)).toEqual(['reconcile.report', expect.objectContaining({ object: { kind: 'Node', namespace: '', name: 'n', uid: 'node-uid' }, outcome: 'failed' })]);
  look();
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toHaveLength(2);
});
