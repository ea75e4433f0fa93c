// Whether a transaction may stand in a block of a given height: what proposers leave out, and what makes another's block invalid.
import { MAX_VALIDITY, stateKeys } from '../types.js';
import { LedgerError } from './ledgerError.js';
import type { IsKnown } from './seen/seenTransactions.js';
import type { StateReader } from './state.js';
import type { ReadTransaction } from './transactionReader.js';

export interface ValidityContext {
  reader: StateReader;
  chainId: string;
  /** Of the block that would hold it. */
  height: number;
  isKnown: IsKnown;
}

/** The fault, if any, of a transaction whose shape and signature are good. */
export function invalidity(
  { id, transaction: { body } }: ReadTransaction,
  { reader, chainId, height, isKnown }: ValidityContext,
): LedgerError | undefined {
  if (body.chainId !== chainId)
    return new LedgerError('WrongChain', `the transaction is for chain "${body.chainId}", this is "${chainId}"`, 'body.chainId');
  if (body.validUntil < height)
    return new LedgerError(
      'Expired',
      `the transaction could be executed up to height ${body.validUntil}, the next block is ${height}; sign it anew`,
      'body.validUntil',
    );
  if (body.validUntil > height + MAX_VALIDITY)
    return new LedgerError(
      'TooFarAhead',
      `validUntil ${body.validUntil} is more than ${MAX_VALIDITY} blocks after ${height}; use at most ${height + MAX_VALIDITY}`,
      'body.validUntil',
    );
  if (isKnown(id)) return new LedgerError('Duplicate', `transaction ${id} was executed already`);
  if (reader.get(stateKeys.account(body.sender)) === undefined)
    return new LedgerError('UnknownSender', `there is no account ${body.sender} on chain "${chainId}"; use a key of its genesis`, 'body.sender');
  return undefined;
}
