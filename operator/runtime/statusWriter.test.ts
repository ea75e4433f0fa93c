import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeApi } from './kubeApi.js';
import { RESOURCES, type KubeObject } from './kubeObject.js';
import { mergePatch, StatusWriter } from './statusWriter.js';

/** RFC 7386 on one level, which is all that a status needs. */
const applied = (old: Record<string, unknown>, patch: Record<string, unknown>) => {
  const next = { ...old, ...patch };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null));
};

describe('mergePatch', () => {
  it('turns the old status into the wanted one, and is empty when they are the same', () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer())));
    fc.assert(
      fc.property(values, values, (old, wanted) => {
        expect(applied(old, mergePatch(old, wanted))).toEqual(wanted);
        expect(mergePatch(wanted, structuredClone(wanted))).toEqual({});
      }),
    );
  });
});

describe('StatusWriter', () => {
  const object = (status?: object): KubeObject & { status?: object } => ({ metadata: { name: 'a', uid: 'u' }, ...(status ? { status } : {}) });
  function make() {
    const patches: unknown[] = [];
    const api = {
      patch: (path: string, type: string, body: unknown) => (patches.push([path, type, body]), Promise.resolve({})),
    } as unknown as KubeApi;
    return { patches, writer: new StatusWriter(api, RESOURCES.EncCluster) };
  }

  it('writes only what differs, to the subresource, for this very object', async () => {
    const { writer, patches } = make();
    expect(await writer.write(object({ phase: 'Pending', height: 1 }), { phase: 'Registered', height: 1 })).toBe(true);
    expect(await writer.write(object({ phase: 'Registered', height: 1 }), { phase: 'Registered', height: 1 })).toBe(false);
    expect(patches).toEqual([
      [
        '/apis/enc.metanode.io/v1alpha1/encclusters/a/status',
        'application/merge-patch+json',
        { metadata: { uid: 'u' }, status: { phase: 'Registered' } },
      ],
    ]);
  });

  it('knows a status that somebody else wrote from its own', async () => {
    const { writer } = make();
    expect(writer.isForeign(object({ phase: 'Registered' }))).toBe(false);
    await writer.write(object(), { phase: 'Registered', height: undefined });
    expect(writer.isForeign(object({ phase: 'Registered' }))).toBe(false);
    expect(writer.isForeign(object({ phase: 'Degraded' }))).toBe(true);
  });
});
