import { afterEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../testing/silentLogger.js';
import { Informer, type Change } from './informer.js';
import type { KubeApi } from './kubeApi.js';
import { KubeError } from './kubeError.js';
import { RESOURCES, type KubeObject } from './kubeObject.js';
import { createMetrics } from './metrics.js';

const node = (name: string, version: string, uid = `uid-${name}`, labels: Record<string, string> = {}): KubeObject => ({
  metadata: { name, uid, resourceVersion: version, labels },
});

type List = { items: KubeObject[]; version: string; next?: string };
/** One watch of the script: lines, then how it ends; without an end it stays open. */
type Watch = { lines?: [string, KubeObject | object][]; end?: 'ends' | Error };

function makeInformer(lists: List[], watches: Watch[], indexBy?: (object: KubeObject) => string | undefined) {
  const asked: Record<string, unknown>[] = [];
  const api = {
    get: (_path: string, query: Record<string, unknown>) => {
      asked.push({ list: true, ...query });
      const { items, version, next } = lists.shift()!;
      return Promise.resolve({ items, metadata: { resourceVersion: version, continue: next } });
    },
    watch: async (_path: string, query: Record<string, unknown>, onLine: (line: unknown) => void, signal: AbortSignal) => {
      asked.push(query);
      const { lines = [], end } = watches.shift() ?? {};
      for (const [type, object] of lines) onLine({ type, object });
      if (end === 'ends') return;
      if (end) throw end;
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    },
  } as unknown as KubeApi;
  const informer = new Informer<KubeObject>(api, RESOURCES.Node, silentLogger(), createMetrics(), {
    random: () => 0,
    ...(indexBy ? { indexBy } : {}),
  });
  const changes: string[] = [];
  informer.onChange((change: Change<KubeObject>) =>
    changes.push(`${change.type} ${change.object.metadata.name} ${change.object.metadata.resourceVersion}`),
  );
  running.push(informer);
  return { informer, changes, asked };
}
const running: Informer<KubeObject>[] = [];
afterEach(async () => {
  for (const informer of running.splice(0)) await informer.stop();
});
const gone = new KubeError('Expired', 410, 'too old');

describe('Informer', () => {
  it('lists in pages, then watches from the list on and tells each change once', async () => {
    const { informer, changes, asked } = makeInformer(
      [
        { items: [node('a', '1')], version: '', next: 'page2' },
        { items: [node('b', '2')], version: '10' },
      ],
      [
        {
          lines: [
            ['ADDED', node('c', '11')],
            ['MODIFIED', node('a', '12')],
            ['DELETED', node('b', '13')],
          ],
        },
      ],
    );
    await informer.start();
    await vi.waitFor(() => expect(changes).toEqual(['added a 1', 'added b 2', 'added c 11', 'updated a 12', 'deleted b 13']));
    expect(asked.map(({ continue: next, resourceVersion }) => next ?? resourceVersion)).toEqual([undefined, 'page2', '10']);
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
    expect(informer.get('a')?.kind).toBeUndefined();
  });

  it('goes on from the last version it saw when a watch ends or breaks, bookmarks included', async () => {
    const { informer, changes, asked } = makeInformer(
      [{ items: [], version: '10' }],
      [
        { lines: [['ADDED', node('a', '11')]], end: 'ends' },
        { lines: [['BOOKMARK', { metadata: { resourceVersion: '20' } }]], end: new KubeError('WatchBroken', 0, 'cut') },
        { lines: [['ADDED', node('b', '21')]] },
      ],
    );
    await informer.start();
    await vi.waitFor(() => expect(changes).toEqual(['added a 11', 'added b 21']));
    expect(asked.slice(1).map(({ resourceVersion }) => resourceVersion)).toEqual(['10', '11', '20']);
  });

  it.each([
    ['the watch is refused with 410', { end: gone }],
    ['the watch reports 410', { lines: [['ERROR', { code: 410, message: 'too old' }]] as [string, object][] }],
  ])('lists again when %s, and tells what changed meanwhile', async (_name, watch) => {
    const { informer, changes } = makeInformer(
      [
        { items: [node('a', '1'), node('b', '2')], version: '10' },
        { items: [node('b', '12'), node('c', '13')], version: '20' },
      ],
      [watch],
    );
    await informer.start();
    await vi.waitFor(() => expect(changes).toEqual(['added a 1', 'added b 2', 'deleted a 1', 'updated b 12', 'added c 13']));
  });

  it('tells a deletion and an addition when an object was made anew under its name', async () => {
    const { informer, changes } = makeInformer(
      [{ items: [node('a', '1', 'old')], version: '10' }],
      [{ lines: [['MODIFIED', node('a', '11', 'new')]] }],
    );
    await informer.start();
    await vi.waitFor(() => expect(changes).toEqual(['added a 1', 'deleted a 1', 'added a 11']));
  });

  it('tells a listener that comes later of what is there already, then of changes like the others', async () => {
    const { informer, changes } = makeInformer([{ items: [node('a', '1'), node('b', '2')], version: '10' }], [{ end: 'ends' }, { lines: [['DELETED', node('a', '11')]] }]);
    await informer.start();
    const late: string[] = [];
    informer.onChange(({ type, object }) => late.push(`${type} ${object.metadata.name}`));
    expect(late).toEqual(['added a', 'added b']);
    await vi.waitFor(() => expect(changes.at(-1)).toBe('deleted a 11'));
    expect(late).toEqual(['added a', 'added b', 'deleted a']);
  });

  it('keeps its index with every change', async () => {
    const { informer } = makeInformer(
      [{ items: [node('a', '1', 'a', { w: 'x' }), node('b', '2', 'b', { w: 'x' })], version: '10' }],
      [
        {
          lines: [
            ['MODIFIED', node('a', '11', 'a', { w: 'y' })],
            ['DELETED', node('b', '12', 'b', { w: 'x' })],
          ],
        },
      ],
      ({ metadata }) => metadata.labels?.w,
    );
    await informer.start();
    await vi.waitFor(() => expect(informer.byIndex('y').map(({ metadata }) => metadata.name)).toEqual(['a']));
    expect(informer.byIndex('x')).toEqual([]);
  });
});
