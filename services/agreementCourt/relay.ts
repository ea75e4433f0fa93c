// Hands on what parties and arbitrators signed themselves: the court has no key and can decide nothing; validators check every transaction.
import type { SignedTransaction, TransactionType } from '../../chain/types.js';
import { CourtError } from './courtError.js';

/** Posts a raw transaction to one validator: status and body of its answer. */
export type Post = (endpoint: string, raw: string) => Promise<{ status: number; body: unknown }>;

const WITHIN_MS = 10_000;

export const postToValidator: Post = async (endpoint, raw) => {
  const response = await fetch(`${endpoint}/v1/transactions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ transactions: [raw] }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  return { status: response.status, body: await response.json() };
};

/** Throws CourtError unless it is a transaction of the type. */
export function readTransaction<T extends TransactionType>(raw: unknown, type: T): SignedTransaction<T> {
  if (typeof raw !== 'string') throw new CourtError('BadRequest', `transaction: expected the signed ${type} transaction as a string of canonical JSON`, 'transaction');
  let value: Partial<SignedTransaction<T>> | null;
  try {
    value = JSON.parse(raw) as Partial<SignedTransaction<T>> | null;
  } catch (cause) {
    throw new CourtError('BadRequest', `transaction: is no JSON: ${(cause as Error).message}`, 'transaction', { cause });
  }
  const found: unknown = value?.body?.type;
  if (found !== type) throw new CourtError('BadRequest', `transaction.body.type: is ${JSON.stringify(found)?.slice(0, 80)}, this takes ${type}`, 'transaction.body.type');
  if (typeof value?.body?.payload !== 'object' || value.body.payload === null) throw new CourtError('BadRequest', 'transaction.body.payload: is no object', 'transaction.body.payload');
  return value as SignedTransaction<T>;
}

/** The first validator that answers. Its refusal is the answer; that none answers is 503. */
export async function relay(endpoints: readonly string[], raw: string, post: Post): Promise<unknown> {
  let fault: unknown;
  for (const endpoint of endpoints) {
    try {
      const { status, body } = await post(endpoint, raw);
      const refused = refusalIn(body);
      if (refused) throw new CourtError('Refused', `${refused.code}: ${refused.message}`, refused.field);
      if (status < 300) return body;
      fault = new Error(`${endpoint} answered ${status}`);
    } catch (error) {
      if (error instanceof CourtError) throw error;
      fault = error;
    }
  }
  throw new CourtError('Unavailable', `no validator took the transaction: ${(fault as Error).message}`, undefined, { cause: fault });
}

interface Refusal {
  code: string;
  message: string;
  field?: string;
}
function refusalIn(body: unknown): Refusal | undefined {
  const { refusals, error } = (body ?? {}) as { refusals?: Refusal[]; error?: Refusal };
  return refusals?.[0] ?? error;
}
