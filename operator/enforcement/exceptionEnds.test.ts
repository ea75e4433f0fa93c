// An exception's end is a change like any other: the pods of its namespaces are judged again then, not at the next look at everything.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anException, aPolicySet, NOON } from '../../policy/testing/builders.js';
import type { PolicySet } from '../../policy/types.js';
import type { Pod } from '../runtime/kubeObject.js';
import { silentLogger } from '../testing/silentLogger.js';
import { EnforcementWatch, type WatchSources } from './enforcementWatch.js';
import { nextEnding } from './exceptionEnds.js';
import { RunningPods } from './runningPods.js';

const at = (ms: number) => new Date(NOON + ms).toISOString();
const ending = (name: string, ms: number, ...namespaces: string[]) => anException(name, { expiresAt: at(ms), scope: { namespaces } });

describe('nextEnding', () => {
  it.each([
    ['nothing of none', [], undefined],
    ['nothing of those that are over', [ending('a', 0, 'x'), ending('b', -5, 'y')], undefined],
    ['the first', [ending('a', 20, 'x'), ending('b', 10, 'y')], { at: NOON + 10, namespaces: ['y'] }],
    ['all that end with it, each namespace once', [ending('a', 10, 'x', 'y'), ending('b', 10, 'y', 'z'), ending('c', 11, 'w')], { at: NOON + 10, namespaces: ['x', 'y', 'z'] }],
    ['nothing of what has no readable end', [anException('a', { expiresAt: 'never' })], undefined],
  ])('is %s', (_what, exceptions, expected) => {
    expect(nextEnding(exceptions, NOON)).toEqual(expected);
  });
});

describe('EnforcementWatch', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOON }));
  afterEach(() => void vi.useRealTimers());

  const pod = (name: string, namespace: string): Pod => ({ metadata: { name, namespace, uid: `uid-${name}` }, spec: { nodeName: 'eu-1' } }) as unknown as Pod;
  function watching(set: PolicySet) {
    const running = new RunningPods();
    for (const one of [pod('shop', 'payments'), pod('batch', 'reports')]) running.put(one);
    const looked: string[] = [];
    const queue = (keys: string[]) => ({ queue: { add: (key: string) => void keys.push(key), addAfter: (key: string) => void keys.push(key) } });
    let current = set;
    const sources = {
      client: { policySet: () => current },
      running,
      admissions: { load: () => Promise.resolve(), known: () => undefined },
      regions: { forget: () => undefined },
      queues: { enforcement: queue(looked), networks: queue([]), reports: queue([]) },
      logger: silentLogger(),
    } as unknown as WatchSources;
    const watch = new EnforcementWatch(sources);
    return { watch, looked, change: (to: PolicySet) => ((current = to), watch.policies()) };
  }

  it('judges the pods of its namespaces again when an exception ends, one end after the other', async () => {
    const { watch, looked } = watching(aPolicySet({ exceptions: [ending('a', 1_000, 'payments'), ending('b', 2_000, 'reports')] }));
    await watch.start();
    looked.length = 0;
    vi.advanceTimersByTime(999);
    expect(looked).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(looked).toEqual(['uid-shop']);
    vi.advanceTimersByTime(1_000);
    expect(looked).toEqual(['uid-shop', 'uid-batch']);
  });

  it('follows exceptions that come and go, and those that end after more than a timer can hold', async () => {
    const { watch, looked, change } = watching(aPolicySet());
    await watch.start();
    change(aPolicySet({ policyHeight: 8, exceptions: [ending('a', 1_000, 'payments')] }));
    change(aPolicySet({ policyHeight: 9, exceptions: [ending('a', 40 * 86_400_000, 'payments')] }));
    looked.length = 0;
    vi.advanceTimersByTime(40 * 86_400_000 - 1);
    expect(looked).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(looked).toEqual(['uid-shop']);
    change(aPolicySet({ policyHeight: 10, exceptions: [ending('b', 41 * 86_400_000, 'payments')] }));
    watch.stop();
    looked.length = 0;
    vi.advanceTimersByTime(2 * 86_400_000);
    expect(looked).toEqual([]);
  });
});
