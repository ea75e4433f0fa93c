// Checks untrusted JSON against an exact shape: every member known, present and of its type; errors name the path.

export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  readonly code = 'Malformed';
  constructor(
    readonly path: string,
    readonly expected: string,
    value: unknown,
  ) {
    super(`${path} is ${describe(value)}, expected ${expected}`);
  }
}

/** Returns the value, typed, or throws ShapeError. */
export type Shape<T> = (value: unknown, path: string) => T;
type ShapeOf<S> = S extends Shape<infer T> ? T : never;

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (value === undefined) return 'missing';
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
}

/** The fault as text, or undefined when the value has the shape. */
export function faultOf(shape: Shape<unknown>, value: unknown, path = '$'): string | undefined {
  try {
    shape(value, path);
    return undefined;
  } catch (error) {
    if (error instanceof ShapeError) return error.message;
    throw error;
  }
}

export function literal<const T extends string | number | boolean>(...allowed: T[]): Shape<T> {
  return (value, path) => {
    if (!allowed.includes(value as T)) throw new ShapeError(path, allowed.map((item) => JSON.stringify(item)).join(' or '), value);
    return value as T;
  };
}

/** A string of at least `min` characters and at most `maxBytes` bytes of UTF-8. */
export function text(min: number, maxBytes: number): Shape<string> {
  return (value, path) => {
    if (typeof value !== 'string' || value.length < min || Buffer.byteLength(value) > maxBytes) {
      throw new ShapeError(path, `a string of ${min} to ${maxBytes} bytes`, value);
    }
    return value;
  };
}

export function pattern(form: RegExp, what: string): Shape<string> {
  return (value, path) => {
    if (typeof value !== 'string' || !form.test(value)) throw new ShapeError(path, what, value);
    return value;
  };
}

/** Lower-case hex of exactly `bytes` bytes. */
export function hex(bytes: number): Shape<string> {
  return pattern(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes of lower-case hex`);
}

/** A safe integer within the bounds. */
export function integer(min = 0, max = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, path) => {
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max || Object.is(value, -0)) {
      throw new ShapeError(path, `an integer from ${min} to ${max}`, value);
    }
    return value as number;
  };
}

export function array<T>(item: Shape<T>, min: number, max: number): Shape<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) throw new ShapeError(path, `an array of ${min} to ${max}`, value);
    return value.map((entry, i) => item(entry, `${path}[${i}]`));
  };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, path) => (value === null ? null : shape(value, path));
}

/** Any JSON value; how deep and how exact is checked where it is hashed. */
export const json: Shape<unknown> = (value) => value;

type Optional<O> = { [K in keyof O]?: ShapeOf<O[K]> };
type Required<R> = { [K in keyof R]: ShapeOf<R[K]> };

/** Exactly these members; unknown ones are refused. */
export function object<R extends Record<string, Shape<unknown>>, O extends Record<string, Shape<unknown>> = Record<never, never>>(
  required: R,
  optional: O = {} as O,
): Shape<Required<R> & Optional<O>> {
  const entries = Object.entries(required);
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(path, 'an object', value);
    const members = value as Record<string, unknown>;
    for (const [name, shape] of entries) shape(Object.hasOwn(members, name) ? members[name] : undefined, `${path}.${name}`);
    for (const name of Object.keys(members)) {
      const member = members[name];
      if (Object.hasOwn(required, name) || member === undefined) continue;
      if (!Object.hasOwn(optional, name)) throw new ShapeError(`${path}.${name}`, 'no such member', member);
      optional[name]!(member, `${path}.${name}`);
    }
    return value as Required<R> & Optional<O>;
  };
}
