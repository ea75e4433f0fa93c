// The building blocks of payload shapes: names as Kubernetes writes them, and objects whose every member is checked against its type.
import { integer, object, pattern, ShapeError, text, type Shape } from '../../receipts/shape.js';

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];

/** Exactly the members of T; the compiler misses none. */
export function shapeOf<T>() {
  return (
    required: { [K in Exclude<keyof T, OptionalKeys<T>>]: Shape<T[K]> },
    ...optional: OptionalKeys<T> extends never ? [] : [{ [K in OptionalKeys<T>]-?: Shape<NonNullable<T[K]>> }]
  ): Shape<T> => object(required as Record<string, Shape<unknown>>, (optional[0] ?? {}) as Record<string, Shape<unknown>>) as unknown as Shape<T>;
}

/** At most `max` members whose names have the form. */
export function dictionary<T>(key: RegExp, value: Shape<T>, max: number): Shape<Record<string, T>> {
  return (members, path) => {
    if (typeof members !== 'object' || members === null || Array.isArray(members)) throw new ShapeError(path, 'an object', members);
    const entries = Object.entries(members);
    if (entries.length > max) throw new ShapeError(path, `an object of at most ${max} members`, `${entries.length} members`);
    for (const [name, member] of entries) {
      if (!key.test(name)) throw new ShapeError(`${path}.${name.slice(0, 64)}`, `a member name of the form ${key.source}`, name);
      value(member, `${path}.${name}`);
    }
    return members as Record<string, T>;
  };
}

/** One of several shapes, told apart by a member. */
export function oneOf<T>(member: string, shapes: Record<string, Shape<unknown>>): Shape<T> {
  return (value, path) => {
    const kind = (value as Record<string, unknown> | null)?.[member];
    if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) throw new ShapeError(`${path}.${member}`, Object.keys(shapes).join(' or '), kind);
    return shapes[kind]!(value, path) as T;
  };
}

const LABEL_KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,315}[A-Za-z0-9])?$/;

export const labels = dictionary(LABEL_KEY, text(0, 63), 256);
/** DNS-1123 subdomain: most objects' names. */
export const objectName = pattern(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'a name of at most 253 lower-case letters, digits, "-" and "."');
/** DNS-1123 label. */
export const namespaceName = pattern(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'a namespace of at most 63 lower-case letters, digits and "-"');
export const uid = pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'a uid of at most 128 letters, digits, ".", "_" and "-"');
/** Of objects that may not have one yet. */
export const uidOrNone = pattern(/^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,127})?$/, 'a uid of at most 128 letters, digits, ".", "_" and "-", or nothing');
export const uuid = pattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID in lower case');
export const generation = integer(0, 0xffff_ffff);
export const reason = text(0, 1024);
