import { describe, expect, it } from 'vitest';
import { silentLogger } from '../testing/silentLogger.js';
import { EventRecorder, type EventInput } from './eventRecorder.js';
import type { KubeApi } from './kubeApi.js';
import { KubeError } from './kubeError.js';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'payments', uid: 'u' } };
const event: EventInput = { type: 'Warning', reason: 'FailedScheduling', note: 'no node', action: 'Scheduling' };

function make(fault?: (call: string) => Error | undefined) {
  const calls: { call: string; path: string; body: Record<string, unknown> }[] = [];
  const take = (call: string, path: string, body: Record<string, unknown>) => {
    const error = fault?.(call);
    if (error) return Promise.reject(error);
    calls.push({ call, path, body });
    return Promise.resolve({ metadata: { name: `p.${calls.length}` } });
  };
  const api = {
    create: (path: string, body: Record<string, unknown>) => take('create', path, body),
    patch: (path: string, _type: string, body: Record<string, unknown>) => take('patch', path, body),
  } as unknown as KubeApi;
  const logger = silentLogger();
  return { calls, logger, recorder: new EventRecorder(api, logger, 'host_1') };
}

describe('EventRecorder', () => {
  it('makes a series of the same event, and a new event of another', async () => {
    const { calls, recorder } = make();
    for (const note of ['no node', 'no node', 'no node', 'another']) await recorder.record(pod, { ...event, note });
    expect(calls.map(({ call }) => call)).toEqual(['create', 'patch', 'patch', 'create']);
    expect(calls[2]).toMatchObject({ path: '/apis/events.k8s.io/v1/namespaces/payments/events/p.1', body: { series: { count: 3 } } });
    expect(calls[0]!.body).toMatchObject({
      regarding: { kind: 'Pod', name: 'p', namespace: 'payments', uid: 'u' },
      reportingInstance: 'host_1',
      note: 'no node',
      type: 'Warning',
    });
  });

  it('records about cluster-scoped objects in namespace default, and cuts long notes at 1 KiB of whole characters', async () => {
    const { calls, recorder } = make();
    await recorder.record({ kind: 'Node', metadata: { name: 'n', uid: 'u' } }, { ...event, note: 'é'.repeat(1_000) });
    expect(calls[0]!.path).toBe('/apis/events.k8s.io/v1/namespaces/default/events');
    const note = calls[0]!.body.note as string;
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1_024);
    expect(note).toMatch(/^é+…$/);
  });

  it('begins anew when the event of the series has expired', async () => {
    const { calls, recorder } = make((call) => (call === 'patch' ? new KubeError('NotFound', 404, 'expired') : undefined));
    await recorder.record(pod, event);
    await recorder.record(pod, event);
    expect(calls.map(({ call }) => call)).toEqual(['create', 'create']);
  });

  it('fails nobody', async () => {
    const { recorder, logger } = make(() => new KubeError('Forbidden', 403, 'namespace is being deleted'));
    await expect(recorder.record(pod, event)).resolves.toBeUndefined();
    expect(logger.lines).toMatchObject([{ level: 'warn', code: 'Forbidden' }]);
  });
});
