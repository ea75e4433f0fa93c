// What of a pod its admission verdict binds to: the whole spec but the node, which only a certified decision may set.
import type { PodLike } from './podLike.js';

/**
 * Plain JSON to be hashed with canonical JSON; of JSON as the API server sends it, not of a client library's objects, which drop
 * fields they do not know. Scheduling gates are left out too: they are lifted between admission and placement and grant nothing.
 * Numbers that are not whole (none in today's API) are written as text.
 */
export function podSpecSubject({ spec = {} }: PodLike): unknown {
  const { nodeName: _placed, schedulingGates: _lifted, ...rest } = spec;
  return JSON.parse(JSON.stringify(rest), (_key, value: unknown) => (typeof value === 'number' && !Number.isSafeInteger(value) ? String(value) : value));
}
