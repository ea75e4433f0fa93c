// A transaction that a validator sends by itself, signed with its identity key, which is its account's.
import { randomUUID } from 'node:crypto';
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import { encodeTransaction, signTransaction } from '../ledger/transaction.js';
import type { Payloads, TransactionType } from '../types.js';
import type { Refusal } from './api/context.js';

export interface OwnSubmission {
  submit(raw: string): Promise<{ refusals: Refusal[] }>;
  refused(reason: string): void;
}

interface Own<T extends TransactionType> {
  type: T;
  payload: Payloads[T];
  validUntil: number;
}

/** Raw; it can be executed up to the height `validUntil`. */
export function ownTransaction<T extends TransactionType>(
  chainId: string,
  { publicKey: sender, privateKey }: Ed25519KeyPair,
  { type, payload, validUntil }: Own<T>,
): string {
  return encodeTransaction(signTransaction({ chainId, type, operationId: randomUUID(), sender, validUntil, payload }, privateKey));
}

/** Sends it to this validator's own mempool, and says what refused it. */
export async function sendOwn<T extends TransactionType>(chainId: string, account: Ed25519KeyPair, hooks: OwnSubmission, own: Own<T>): Promise<void> {
  const { refusals } = await hooks.submit(ownTransaction(chainId, account, own));
  for (const { message } of refusals) hooks.refused(message);
}
