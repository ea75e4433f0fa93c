// A transaction that a validator sends by itself, signed with its identity key, which is its account's.
import { randomUUID } from 'node:crypto';
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import { encodeTransaction, signTransaction } from '../ledger/transaction.js';
import type { Payloads, TransactionType } from '../types.js';

/** Raw; it can be executed up to the height `validUntil`. */
export function ownTransaction<T extends TransactionType>(
  chainId: string,
  { publicKey: sender, privateKey }: Ed25519KeyPair,
  { type, payload, validUntil }: { type: T; payload: Payloads[T]; validUntil: number },
): string {
  return encodeTransaction(signTransaction({ chainId, type, operationId: randomUUID(), sender, validUntil, payload }, privateKey));
}
