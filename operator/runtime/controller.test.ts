import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../testing/silentLogger.js';
import { Controller, type PassResult, type Reconciler } from './controller.js';
import { KubeError } from './kubeError.js';
import { createMetrics } from './metrics.js';

function makeController(passes: (() => PassResult)[], showFailure: Reconciler['showFailure'] = () => Promise.resolve()) {
  const logger = silentLogger();
  const metrics = createMetrics();
  const keys: string[] = [];
  const shown = vi.fn(showFailure);
  const reconciler: Reconciler = {
    name: 'Test',
    reconcile: (key) => {
      keys.push(key);
      return Promise.resolve().then(() => passes[keys.length - 1]?.() ?? { quiet: 'nothing left' });
    },
    showFailure: shown,
  };
  const controller = new Controller(reconciler, logger, metrics, { workers: 2, baseMs: 1, maxMs: 2 });
  controller.start();
  return { controller, keys, shown, logger, metrics };
}
const fail = (code: string) => () => {
  throw new KubeError(code, 500, `it said ${code}`);
};

describe('Controller', () => {
  it('shows a failure, tries again, and forgets it after success', async () => {
    const { controller, keys, shown } = makeController([fail('InternalError'), fail('Conflict'), () => ({ receiptId: 'r' })]);
    controller.queue.add('a');
    await vi.waitFor(() => expect(keys).toEqual(['a', 'a', 'a']));
    await vi.waitFor(() => expect(controller.queue.failures('a')).toBe(0));
    expect(shown.mock.calls.map(([key, { code }, failures]) => [key, code, failures])).toEqual([
      ['a', 'InternalError', 1],
      ['a', 'Conflict', 2],
    ]);
    await controller.stop();
  });

  it('says at level debug why a pass was quiet, and counts passes by result', async () => {
    const { controller, logger, metrics } = makeController([() => ({ quiet: 'all is well' })]);
    controller.queue.add('a');
    await vi.waitFor(() => expect(logger.lines).toContainEqual({ level: 'debug', message: 'quiet: all is well', controller: 'Test', key: 'a' }));
    await controller.stop();
    expect(await metrics.registry.getSingleMetricAsString('enc_operator_passes_total')).toContain('controller="Test",result="quiet"} 1');
  });

  it('goes on when the failure cannot be shown, and names both in the log', async () => {
    const { controller, keys, logger } = makeController([fail('Unreachable')], () => Promise.reject(new KubeError('Forbidden', 403, 'not yours')));
    controller.queue.add('a');
    await vi.waitFor(() => expect(keys).toHaveLength(2));
    await controller.stop();
    expect(logger.lines.filter(({ level }) => level === 'warn').map(({ code }) => code)).toEqual(['Unreachable', 'Forbidden']);
  });

  it('comes back when a pass asks for it', async () => {
    const { controller, keys } = makeController([() => ({ quiet: 'wait', againMs: 1 })]);
    controller.queue.add('a');
    await vi.waitFor(() => expect(keys).toEqual(['a', 'a']));
    await controller.stop();
  });

  it('finishes the passes in flight before it stops', async () => {
    let finish: (result: PassResult) => void = () => undefined;
    const logger = silentLogger();
    const reconciler: Reconciler = {
      name: 'Slow',
      reconcile: () => new Promise((resolve) => (finish = resolve)),
      showFailure: () => Promise.resolve(),
    };
    const controller = new Controller(reconciler, logger, createMetrics(), { workers: 1 });
    controller.start();
    controller.queue.add('a');
    await Promise.resolve();
    const stopped = controller.stop();
    expect(await Promise.race([stopped.then(() => 'stopped'), Promise.resolve('running')])).toBe('running');
    finish({ receiptId: 'r' });
    await stopped;
    expect(logger.lines.at(-1)).toMatchObject({ message: 'reconciled', receiptId: 'r' });
  });
});
