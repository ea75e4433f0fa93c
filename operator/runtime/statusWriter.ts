// Writes status through its subresource, only when it differs, and remembers what it wrote so that a status edited by others is noticed.
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { KubeApi } from './kubeApi.js';
import type { KubeObject, ResourceType } from './kubeObject.js';

type WithStatus = KubeObject & { status?: object };

/** What a JSON merge patch needs to turn `old` into `wanted`: members that are gone are null. */
export function mergePatch(old: Record<string, unknown>, wanted: Record<string, unknown>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(old)) if (wanted[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(wanted)) if (value !== undefined && !isDeepStrictEqual(old[key], value)) patch[key] = value;
  return patch;
}

export class StatusWriter {
  /** By uid; undefined for objects that were not written yet. */
  readonly #written = new LRUCache<string, object>({ max: 20_000 });

  constructor(
    private readonly api: KubeApi,
    private readonly resource: ResourceType,
  ) {}

  /** True when something was written. The uid in the patch keeps it from an object of the same name that was made since. */
  async write(object: WithStatus, status: object): Promise<boolean> {
    const { name, namespace, uid } = object.metadata;
    const patch = mergePatch((object.status ?? {}) as Record<string, unknown>, status as Record<string, unknown>);
    if (uid) this.#written.set(uid, JSON.parse(JSON.stringify(status)) as object);
    if (Object.keys(patch).length === 0) return false;
    await this.api.patch(`${this.resource.path(name, namespace)}/status`, 'application/merge-patch+json', { metadata: { uid }, status: patch });
    return true;
  }

  lastWritten({ metadata: { uid } }: WithStatus): object | undefined {
    return uid === undefined ? undefined : this.#written.get(uid);
  }

  /** Whether somebody else changed the status since it was last written here. */
  isForeign({ metadata: { uid }, status }: WithStatus): boolean {
    const known = uid === undefined ? undefined : this.#written.get(uid);
    return known !== undefined && !isDeepStrictEqual(known, status ?? {});
  }
}
