// Which hooks of a webhook configuration are not as wanted: changed, gone, or narrowed by what somebody added to them.
import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '@kubernetes/client-node';

export interface Hooked extends KubernetesObject {
  webhooks?: ({ name: string } & Record<string, unknown>)[];
}

/** What decides whether a request is asked about: here an addition opens as much as a change. */
const NOTHING: Readonly<Record<string, unknown>> = { rules: [], namespaceSelector: {}, objectSelector: {}, matchConditions: [] };

/** Every member of `wanted` is in `live` so; the API server fills in others. */
function holds(wanted: unknown, live: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return isDeepStrictEqual(plain(wanted), plain(live));
  return Object.entries(wanted).every(([key, value]) => holds(value, (live as Record<string, unknown> | null | undefined)?.[key]));
}

/** Typed clients give objects of classes, with members that are undefined. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

function isAsWanted(wanted: Record<string, unknown>, live: Record<string, unknown>): boolean {
  const open = Object.entries(NOTHING).every(([key, none]) => isDeepStrictEqual(plain(wanted[key] ?? none), plain(live[key] ?? none)));
  return open && holds(wanted, live);
}

/** By name; all of them when the object is gone. */
export function tamperedHooks(wanted: Hooked, live: Hooked | undefined): string[] {
  const found = new Map((live?.webhooks ?? []).map((hook) => [hook.name, hook]));
  return (wanted.webhooks ?? [])
    .filter((hook) => {
      const there = found.get(hook.name);
      return !there || !isAsWanted(hook, there);
    })
    .map(({ name }) => name);
}

/** The live object with our hooks exactly as wanted; hooks of others under other names stay. */
export function mended(wanted: Hooked, live: Hooked): Hooked {
  const ours = new Set((wanted.webhooks ?? []).map(({ name }) => name));
  return { ...live, webhooks: [...(wanted.webhooks ?? []), ...(live.webhooks ?? []).filter(({ name }) => !ours.has(name))] };
}
