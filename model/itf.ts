// Reads the Informal Trace Format that Quint writes (apalache-mc.org, ADR 15) into plain values.

export type Itf = number | string | boolean | null | Itf[] | { [name: string]: Itf };

/** Integers become numbers, sets and tuples arrays, maps arrays of [key, value]; names lose their module. */
export function readItf(value: unknown): Itf {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map(readItf);
  const object = value as Record<string, unknown>;
  if (typeof object['#bigint'] === 'string') return Number(object['#bigint']);
  for (const kind of ['#set', '#tup', '#map']) if (Array.isArray(object[kind])) return object[kind].map(readItf);
  const entries = Object.entries(object).filter(([name]) => name !== '#meta');
  return Object.fromEntries(entries.map(([name, inner]) => [name.slice(name.lastIndexOf(':') + 1), readItf(inner)]));
}
