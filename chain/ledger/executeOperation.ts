// Executes one valid transaction: takes the fee, asks for the role, runs the operation on a fork, and says what came of it.
import { stateKeys, type AccountRecord, type Role, type TransactionResult, type TransactionType } from '../types.js';
import { mustAfford, payFee } from './fees/fees.js';
import { Refusal } from './ledgerError.js';
import type { BlockContext, Effect, Operation, OperationKind } from './operation.js';
import { operationKind } from './operations.js';
import type { Overlay } from './state.js';
import type { ReadTransaction } from './transactionReader.js';

export interface Execution {
  result: TransactionResult;
  /** An error that no rule foresees; its receipt says 'InternalError'. For the log: it is a fault of this program. */
  fault?: unknown;
}

/** The sender must have an account. A refused operation changes nothing but the account that paid for its receipt. */
export function executeOperation(state: Overlay, block: BlockContext, { id, transaction }: ReadTransaction): Execution {
  const { body } = transaction;
  const kind = operationKind(body.type);
  const account = state.read<AccountRecord>(stateKeys.account(body.sender))!;
  const object = kind.object(body.payload, state, body.sender);
  const operation = { id, body, payload: body.payload, roles: account.roles, block };
  const { effect, fault } = settle(state, kind, operation, account);
  return { result: { transactionId: id, ...effect, object }, ...(fault === undefined ? {} : { fault }) };
}

function settle(
  state: Overlay,
  kind: OperationKind<TransactionType>,
  operation: Omit<Operation, 'state'>,
  account: AccountRecord,
): { effect: Effect; fault?: unknown } {
  const { body, block } = operation;
  const fork = state.fork();
  try {
    payFee(state, body.sender, 'receipts', block.parameters.receiptFee);
    mustHaveRole(account, kind.roles, body.type);
    mustAfford(fork.read<AccountRecord>(stateKeys.account(body.sender))!, kind.fee?.(block.parameters) ?? 0);
    const effect = kind.execute({ ...operation, state: fork });
    state.adopt(fork);
    return { effect };
  } catch (fault) {
    if (fault instanceof Refusal) return { effect: refused(fault) };
    // Its text may differ between versions of the runtime, so it stays out of the receipt.
    return { effect: { outcome: 'failed', code: 'InternalError', reason: 'the ledger could not execute this operation' }, fault };
  }
}

function refused({ code, message, details }: Refusal): Effect {
  return { outcome: 'refused', code, reason: message, ...(details === undefined ? {} : { details }) };
}

/** Throws Refusal 'NotPermitted'. */
export function mustHaveRole({ name, roles }: AccountRecord, allowed: readonly Role[] | 'anybody', type: TransactionType): void {
  if (allowed === 'anybody' || allowed.some((role) => roles.includes(role))) return;
  throw new Refusal('NotPermitted', `account ${name} has role ${roles.join(', ') || 'none'}; ${type} is for ${allowed.join(' or ')}`);
}
