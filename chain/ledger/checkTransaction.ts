// What a validator checks before it promises, durably and signed, that a transaction will be executed (design: decision 6).
import { stateKeys, type AccountRecord, type Genesis } from '../types.js';
import { mustBeReproducible } from './admission/verdictRules.js';
import { mustBeReproducibleFlow } from './flows/flowOperations.js';
import { mustHaveRole } from './executeOperation.js';
import { mustAfford } from './fees/fees.js';
import { LedgerError, Refusal } from './ledgerError.js';
import { operationKind } from './operations.js';
import { parametersIn } from './parameters/parameters.js';
import { policyPointer, policySetAt } from './policySet/policySet.js';
import type { IsKnown } from './seen/seenTransactions.js';
import { Overlay, type StateReader } from './state.js';
import { TransactionReader, type ReadTransaction } from './transactionReader.js';
import { invalidity } from './validity.js';

export interface CheckContext {
  genesis: Genesis;
  /** Of the next block. */
  height: number;
  /** The validator's clock, ms since the epoch: what a verdict's time is compared with. */
  time: number;
  isKnown: IsKnown;
  transactionReader?: TransactionReader;
}

/**
 * The transaction if it may be acknowledged. That its operation is then applied is not promised, for that is decided by the
 * state of its block; but a verdict that does not follow from its inputs is not even acknowledged.
 */
export function checkTransaction(reader: StateReader, raw: string, context: CheckContext): ReadTransaction | LedgerError {
  const { transactionReader = new TransactionReader() } = context;
  const read = transactionReader.read(raw);
  return read instanceof LedgerError ? read : checkRead(reader, read, context);
}

/** The same for one that was read. */
export function checkRead(
  reader: StateReader,
  read: ReadTransaction,
  { genesis, height, time, isKnown }: CheckContext,
): ReadTransaction | LedgerError {
  const invalid = invalidity(read, { reader, chainId: genesis.chainId, height, isKnown });
  if (invalid) return invalid;
  try {
    mustBeTaken(reader, read, genesis, time);
    return read;
  } catch (cause) {
    if (cause instanceof Refusal) return new LedgerError(cause.code, cause.message, undefined, { cause });
    return new LedgerError('InternalError', `transaction ${read.id} could not be checked`, undefined, { cause });
  }
}

function mustBeTaken(reader: StateReader, { transaction: { body } }: ReadTransaction, genesis: Genesis, time: number): void {
  const account = JSON.parse(reader.get(stateKeys.account(body.sender))!) as AccountRecord;
  const { roles, fee } = operationKind(body.type);
  mustHaveRole(account, roles, body.type);
  const parameters = parametersIn(new Overlay(reader), genesis);
  mustAfford(account, parameters.receiptFee + (fee?.(parameters) ?? 0));
  if (body.type !== 'admission.verdict' && body.type !== 'flow.decision') return;
  const pointer = policyPointer(reader);
  const policy = { pointer, set: policySetAt(reader, pointer.policyHeight)! };
  const context = { reader, policy, span: { from: time, to: time } };
  if (body.type === 'flow.decision') mustBeReproducibleFlow(context, body.payload as never);
  else mustBeReproducible(context, body.payload as never);
}
