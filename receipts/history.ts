// The history of one object, namespace or account: a hash chain over its receipts, whose head is ledger state, so that a list of them can be shown to be whole.
import { concatBytes, fromHex, toHex, utf8 } from '../crypto/encoding.js';
import { sha256 } from '../crypto/hash.js';
import type { ReceiptPredicate } from './types.js';

/** State record `history/<scope>`. */
export interface HistoryRecord {
  /** Receipts so far. */
  count: number;
  /** historyHead of the last one, hex. */
  head: string;
}

export const EMPTY_HISTORY: HistoryRecord = { count: 0, head: '00'.repeat(32) };
const TAG = concatBytes(utf8('enc-history-v1'), Uint8Array.of(0));

export const historyKey = (scope: string): string => `history/${scope}`;
export const objectScope = (kind: string, namespace: string, name: string): string => `object/${kind}/${namespace}/${name}`;
export const namespaceScope = (namespace: string): string => `namespace/${namespace}`;
export const accountScope = (publicKey: string): string => `account/${publicKey}`;

/** What a receipt belongs to: its object, the object's namespace, and the account that sent it. */
export function scopesOf({ object, actor }: Pick<ReceiptPredicate, 'object' | 'actor'>): string[] {
  const account = accountScope(actor);
  if (object === undefined) return [account];
  const { kind, namespace = '', name } = object;
  return [objectScope(kind, namespace, name), ...(namespace === '' ? [] : [namespaceScope(namespace)]), account];
}

/** `leaf` = RFC 9162 leaf hash of the receipt's statement: sha256(tag ‖ previous head ‖ leaf). */
export function extendHistory({ count, head }: HistoryRecord, leaf: Uint8Array): HistoryRecord {
  return { count: count + 1, head: toHex(sha256(TAG, fromHex(head, 32), leaf)) };
}

/** What one receipt, by its index among those given, adds to one scope. */
export interface HistoryStep {
  scope: string;
  index: number;
  after: HistoryRecord;
}

/** All steps of some receipts in order; `before` gives the history of a scope ahead of them. */
export function historySteps(
  receipts: readonly { predicate: Pick<ReceiptPredicate, 'object' | 'actor'>; leafHash: Uint8Array }[],
  before: (scope: string) => HistoryRecord,
): HistoryStep[] {
  const grown = new Map<string, HistoryRecord>();
  return receipts.flatMap(({ predicate, leafHash }, index) =>
    scopesOf(predicate).map((scope) => {
      const after = extendHistory(grown.get(scope) ?? before(scope), leafHash);
      grown.set(scope, after);
      return { scope, index, after };
    }),
  );
}
