// POST /v1/transactions, GET /v1/transactions/{id}.
import type { Statement } from '../../../receipts/types.js';
import type { TransactionResult } from '../../types.js';
import { ApiError } from './apiError.js';
import type { ApiContext } from './context.js';
import { keptFrom, mustBeKept } from './pruned.js';
import { hashParameter, type Route } from './route.js';

export const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_BATCH = 500;

export function transactionRoutes(context: ApiContext): Route[] {
  const { store } = context;
  return [
    {
      method: 'post',
      path: '/v1/transactions',
      summary: 'Hands transactions in; each is durable before its signed acknowledgement is answered',
      body: { type: 'object', required: ['transactions'], properties: { transactions: { type: 'array', minItems: 1, maxItems: MAX_BATCH, items: { type: 'string' } } } },
      status: 202,
      answer: { type: 'object', required: ['acknowledgements', 'refusals'] },
      handle: (_values, request) => context.submit(readTransactions(request.body)),
    },
    {
      method: 'get',
      path: '/v1/transactions/{id}',
      summary: 'Where a transaction was executed and what came of it',
      parameters: [hashParameter('id', 'a transaction id of 64 hex digits')],
      answer: { type: 'object', required: ['height', 'index', 'result'] },
      handle: ({ id }) => {
        const place = store.place(id as string);
        if (place) mustBeKept(store, place.height);
        const statement = place && store.statement(place);
        if (!place || !statement) throw new ApiError('NotFound', `transaction ${id} is in no final block${keptFrom(store)}`, 'id');
        return { ...place, result: resultOf(statement) };
      },
    },
  ];
}

/** Throws ApiError 'BadRequest'. */
export function readTransactions(body: unknown): string[] {
  const transactions = (body as { transactions?: unknown } | undefined)?.transactions;
  if (!Array.isArray(transactions) || transactions.length === 0 || transactions.length > MAX_BATCH) {
    throw new ApiError('BadRequest', `the body must be JSON {"transactions": […]} with 1 to ${MAX_BATCH} entries (Content-Type: application/json)`, 'transactions');
  }
  const wrong = transactions.findIndex((transaction) => typeof transaction !== 'string');
  if (wrong >= 0) throw new ApiError('BadRequest', `transactions[${wrong}] must be the transaction's canonical JSON as a string`, `transactions[${wrong}]`);
  return transactions as string[];
}

function resultOf({ predicate }: Statement): TransactionResult {
  const { receiptId, outcome, code, reason, object, details } = predicate;
  return {
    transactionId: receiptId,
    outcome,
    code,
    reason,
    ...(object ? { object: { kind: object.kind, namespace: object.namespace ?? '', name: object.name, uid: object.uid ?? '' } } : {}),
    ...(details === undefined ? {} : { details }),
  };
}
