// Signs one transaction with an account's key, gives it to a validator, and waits until its block is final.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Refusal } from '../../chain/node/api/context.js';
import type { NodeStatus } from '../../chain/node/api/context.js';
import { loadAccountKeys, loadValidatorKeys } from '../../chain/node/validatorKeys.js';
import { encodeTransaction, signTransaction, transactionId } from '../../chain/ledger/transaction.js';
import type { Payloads, TransactionBody, TransactionResult, TransactionType } from '../../chain/types.js';
import { CliError } from './cliError.js';
import { ask, send } from './validatorApi.js';

/** Blocks from now in which it may be executed. */
const VALID_BLOCKS = 500;
const ASK_EVERY_MS = 200;

export interface SignedFlags {
  endpoint: string;
  /** File of the account's key. */
  key: string;
}

export interface ExecutedTransaction {
  height: number;
  result: TransactionResult;
}

/** Throws CliError when it is not taken, refused by the ledger, or not executed while it may be. */
export async function submitTransaction<T extends TransactionType>(endpoint: string, key: { publicKey: string; privateKey: string }, type: T, payload: Payloads[T]): Promise<ExecutedTransaction> {
  const { chainId, height } = await ask<NodeStatus>(endpoint, '/v1/status');
  const body: TransactionBody<T> = { chainId, type, operationId: randomUUID(), sender: key.publicKey, validUntil: height + VALID_BLOCKS, payload };
  const raw = encodeTransaction(signTransaction(body, key.privateKey));
  const { refusals } = await send<{ refusals: Refusal[] }>(endpoint, '/v1/transactions', { transactions: [raw] });
  const [refusal] = refusals;
  if (refusal) throw new CliError(`${type} was not taken: ${refusal.message} (${refusal.code})`);
  const executed = await awaitExecution(endpoint, transactionId(body), body.validUntil);
  const { outcome, code, reason, transactionId: id } = executed.result;
  if (outcome !== 'applied') throw new CliError(`${type} ${outcome} in block ${executed.height}: ${reason} (${code}, transaction ${id})`);
  return executed;
}

/** The same for a command with --key and --endpoint; resolves with what it prints. */
export async function submitted<T extends TransactionType>({ endpoint, key }: SignedFlags, type: T, payload: Payloads[T]): Promise<string> {
  const { height, result } = await submitTransaction(endpoint, loadSigner(key), type, payload);
  return `block ${height}: ${result.reason}`;
}

async function awaitExecution(endpoint: string, id: string, until: number): Promise<ExecutedTransaction> {
  for (;;) {
    const { height } = await ask<NodeStatus>(endpoint, '/v1/status');
    const found = await ask<ExecutedTransaction>(endpoint, `/v1/transactions/${id}`).catch((error: unknown) => {
      if (error instanceof CliError && error.exitCode === 2) return undefined;
      throw error;
    });
    if (found) return found;
    if (height > until) throw new CliError(`transaction ${id} was in no block up to ${until}, the last that could hold it; try again`, 1);
    await sleep(ASK_EVERY_MS);
  }
}

/** The key of an account: a key file, or that of a validator, whose account is its Ed25519 identity. */
export function loadSigner(file: string): { publicKey: string; privateKey: string } {
  try {
    return loadAccountKeys(file);
  } catch (error) {
    try {
      return loadValidatorKeys(file).ed25519;
    } catch {
      throw error;
    }
  }
}
