// Whether two JSON values are the same, and where they first differ, for messages that say so. A member that is undefined counts as absent.

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const own = (value: Record<string, unknown>, name: string) => (Object.hasOwn(value, name) ? value[name] : undefined);

/** True exactly when both have the same canonical JSON, at a fraction of its cost. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a))
    return a.length === (b as unknown as unknown[]).length && a.every((item, i) => sameJson(item, (b as unknown as unknown[])[i]));
  for (const name of Object.keys(a)) if (!sameJson(a[name], own(b, name))) return false;
  for (const name of Object.keys(b)) if (b[name] !== undefined && own(a, name) === undefined) return false;
  return true;
}

/** Path of the first member, in order of names, in which two JSON values differ. */
export function firstDifference(given: unknown, wanted: unknown, path: string): string | undefined {
  if (sameJson(given, wanted)) return undefined;
  if (!isObject(given) || !isObject(wanted) || Array.isArray(given) !== Array.isArray(wanted)) return path;
  const list = Array.isArray(wanted);
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(given)])];
  const name = (list ? names : names.sort()).find((member) => !sameJson(own(given, member), own(wanted, member)))!;
  return firstDifference(own(given, name), own(wanted, name), list ? `${path}[${name}]` : `${path}.${name}`);
}
