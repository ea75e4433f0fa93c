// Fees go from the sender's account to the pools (agreement 4.2), in whole µBPI; nothing is made and nothing lost.
import { stateKeys, type AccountRecord, type SupplyRecord } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import type { Overlay } from '../state.js';

export type Pool = 'receipts' | 'scheduling';
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
  const account = state.read<AccountRecord>(stateKeys.account(payer))!;
  mustAfford(account, amount);
  const supply = state.read<SupplyRecord>(stateKeys.supply)!;
  state.write(stateKeys.account(payer), { ...account, balance: account.balance - amount });
  state.write(stateKeys.supply, { ...supply, pools: { ...supply.pools, [pool]: (supply.pools[pool] ?? 0) + amount } });
}
