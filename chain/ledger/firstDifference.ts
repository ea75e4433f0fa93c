// Where two JSON values first differ, for messages that say so.

/** Path of the first member in which two JSON values differ. */
export function firstDifference(given: unknown, wanted: unknown, path: string): string | undefined {
  if (given === wanted) return undefined;
  if (!isObject(given) || !isObject(wanted) || Array.isArray(given) !== Array.isArray(wanted)) return path;
  const members = [...new Set([...Object.keys(wanted), ...Object.keys(given)])].sort();
  for (const name of members) {
    const at = Array.isArray(wanted) ? `${path}[${name}]` : `${path}.${name}`;
    const difference = firstDifference(own(given, name), own(wanted, name), at);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const own = (value: Record<string, unknown>, name: string) => (Object.hasOwn(value, name) ? value[name] : undefined);
