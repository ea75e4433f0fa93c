// Signs and submits transactions to validators under test, and waits for what became of them.
import { randomUUID } from 'node:crypto';
import { encodeTransaction, signTransaction, transactionId } from '../../ledger/transaction.js';
import type { Acknowledgement, TransactionBody } from '../../types.js';
import type { Refusal } from '../api/context.js';
import type { ProcessSet } from './processSet.js';

export interface TestTransaction {
  id: string;
  raw: string;
}

/** A reconcile report by the account "operator", padded to about `bytes`. */
export function report(set: ProcessSet, validUntil: number, bytes = 0): TestTransaction {
  const { publicKey, privateKey } = set.key('operator');
  const body: TransactionBody<'reconcile.report'> = {
    chainId: 'test-net',
    type: 'reconcile.report',
    operationId: randomUUID(),
    sender: publicKey,
    validUntil,
    payload: {
      object: { kind: 'Workload', namespace: 'shop', name: 'cart', uid: randomUUID() },
      generation: 1,
      outcome: 'applied',
      reason: 'x'.repeat(Math.min(Math.max(bytes - 600, 1), 1_000)),
      actions: [],
    },
  };
  return { id: transactionId(body), raw: encodeTransaction(signTransaction(body, privateKey)) };
}

export async function submit(set: ProcessSet, index: number, transactions: TestTransaction[]): Promise<{ acknowledgements: Acknowledgement[]; refusals: Refusal[] }> {
  const response = await fetch(`${set.endpoint(index)}/v1/transactions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ transactions: transactions.map(({ raw }) => raw) }),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as { acknowledgements: Acknowledgement[]; refusals: Refusal[] };
}
