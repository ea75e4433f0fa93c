// Fees of one operation go from the sender's account to the pools (agreement 4.2), in whole µBPI; nothing is made and nothing lost.
import { stateKeys, type AccountRecord } from '../../types.js';
import { move, type Pool } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import type { Overlay } from '../state.js';

/** Those a genesis begins with; the others come with what is first paid into them. */
export const POOLS: readonly Pool[] = ['receipts', 'scheduling'];

/** Throws Refusal 'InsufficientFunds'. */
export function mustAfford(account: AccountRecord, amount: number): void {
  if (account.balance >= amount) return;
  throw new Refusal(
    'InsufficientFunds',
    `account ${account.name} has ${account.balance} µBPI and needs ${amount} µBPI for the fees; fund the account`,
  );
}

/** Throws Refusal 'InsufficientFunds'. */
export function payFee(state: Overlay, payer: string, pool: Pool, amount: number): void {
  if (amount === 0) return;
  mustAfford(state.read<AccountRecord>(stateKeys.account(payer))!, amount);
  move(state, { balance: payer }, { pool }, amount);
}
