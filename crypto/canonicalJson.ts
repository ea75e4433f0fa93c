// One byte sequence for one value: JSON canonicalisation (RFC 8785), limited to what ledgers may hold: integers, strings, booleans, null, arrays, plain objects.
import canonicalizeModule from 'canonicalize';
import { isWellFormed } from './encoding.js';
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

/**
 * Canonical JSON text. Members whose value is undefined are left out, as JSON does. Throws CanonicalJsonError on what has no
 * exact form: undefined elsewhere, numbers that are no safe integers, lone surrogates, bigint, Date, Map, bytes, class instances.
 */
export function canonicalJson(value: unknown): string {
  const order = orderOf(value, 0);
  if (order === 'canonical') return JSON.stringify(value);
  if (order === 'unordered') return JSON.stringify(ordered(value));
  check(value, '$', 0);
  return canonicalize(value);
}

/** Whether `text`, from which `value` was parsed, is its canonical JSON. Throws CanonicalJsonError as canonicalJson does. */
export function isCanonicalJson(text: string, value: unknown): boolean {
  return (orderOf(value, 0) === 'canonical' ? JSON.stringify(value) : canonicalJson(value)) === text;
}

/** sha256 of the canonical JSON, hex. */
export function sha256OfJson(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

/**
 * What JSON.stringify makes of a value: its canonical form; the same but for the order of members; or something else, which is left to
 * check() and the library. Names that begin with a digit are something else, for objects give them another order.
 */
type Order = 'canonical' | 'unordered' | 'other';

function orderOf(value: unknown, depth: number): Order {
  if (typeof value === 'string') return isWellFormed(value) ? 'canonical' : 'other';
  if (value === null || typeof value === 'boolean') return 'canonical';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'canonical' : 'other';
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return 'other';
  return Array.isArray(value) ? orderOfArray(value, depth + 1) : orderOfObject(value as Record<string, unknown>, depth + 1);
}

function orderOfArray(values: unknown[], depth: number): Order {
  let order: Order = 'canonical';
  for (let i = 0; i < values.length; i++) {
    const one = orderOf(values[i], depth);
    if (one === 'other') return 'other';
    if (one === 'unordered') order = 'unordered';
  }
  return order;
}

function orderOfObject(value: Record<string, unknown>, depth: number): Order {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return 'other';
  let order: Order = 'canonical';
  let last = '';
  for (const key of Object.keys(value)) {
    const first = key.charCodeAt(0);
    if ((first >= 48 && first <= 57) || key === '__proto__' || !isWellFormed(key)) return 'other';
    if (key < last) order = 'unordered';
    last = key;
    const member = value[key];
    if (member === undefined) continue;
    const one = orderOf(member, depth);
    if (one === 'other') return 'other';
    if (one === 'unordered') order = 'unordered';
  }
  return order;
}

/** A copy with the members in order. */
function ordered(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(ordered);
  const members = value as Record<string, unknown>;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(members).sort()) copy[key] = ordered(members[key]);
  return copy;
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
  if (!isWellFormed(text))
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
