// One byte sequence for one value: JSON canonicalisation (RFC 8785), limited to what ledgers may hold: integers, strings, booleans, null, arrays, plain objects.
import canonicalizeModule from 'canonicalize';
import { sha256Hex } from './hash.js';

// The package is CommonJS and its types describe it as a module; this is what it exports at run time.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string;

export type CanonicalJsonErrorCode = 'Undefined' | 'NotAnInteger' | 'NotPlain' | 'LoneSurrogate' | 'TooDeep';

/** `path` is where in the value, as in `$.spec.rules[2].weight`. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError';
  constructor(
    readonly code: CanonicalJsonErrorCode,
    readonly path: string,
    fault: string,
  ) {
    super(`${path}: ${fault}`);
  }
}

const MAX_DEPTH = 128;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Canonical JSON text. Members whose value is undefined are left out, as JSON does. Throws CanonicalJsonError on what has no
 * exact form: undefined elsewhere, numbers that are no safe integers, lone surrogates, bigint, Date, Map, bytes, class instances.
 */
export function canonicalJson(value: unknown): string {
  check(value, '$', 0);
  return canonicalize(value);
}

/** sha256 of the canonical JSON, hex. */
export function sha256OfJson(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

function check(value: unknown, path: string, depth: number): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') return checkString(value, path);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new CanonicalJsonError('NotAnInteger', path, `${value} is no safe integer; use an integer or a string`);
    return;
  }
  if (value === undefined) throw new CanonicalJsonError('Undefined', path, 'undefined has no JSON form; use null or leave the member out');
  if (typeof value !== 'object') throw new CanonicalJsonError('NotPlain', path, `a ${typeof value} has no JSON form`);
  if (depth >= MAX_DEPTH) throw new CanonicalJsonError('TooDeep', path, `nested more than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return checkArray(value, path, depth);
  checkObject(value, path, depth);
}

function checkString(text: string, path: string): void {
  if (LONE_SURROGATE.test(text))
    throw new CanonicalJsonError('LoneSurrogate', path, 'the string has half a surrogate pair, which UTF-8 cannot carry');
}

function checkArray(values: unknown[], path: string, depth: number): void {
  for (let i = 0; i < values.length; i++) check(values[i], `${path}[${i}]`, depth + 1);
}

function checkObject(value: object, path: string, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new CanonicalJsonError('NotPlain', path, `an instance of ${value.constructor?.name ?? 'a class'} has no exact JSON form; convert it first`);
  }
  for (const [key, member] of Object.entries(value)) {
    checkString(key, path);
    if (member !== undefined) check(member, `${path}.${key}`, depth + 1);
  }
}
