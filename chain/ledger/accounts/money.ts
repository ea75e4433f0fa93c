// The only way value moves: from one purse to another, whole µBPI, never below nothing (design: money is integers).
import { formatAmount } from '../../../api/amounts.js';
import { stateKeys, type AccountRecord, type SupplyRecord } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import type { Overlay } from '../state.js';

/**
 * receipts, scheduling, mesh, storage, consensus: fees collected. rewards: what rewards are paid from when fees do not suffice.
 * insurance: the protocol insurance fund (agreement 10.2).
 */
export type Pool = 'receipts' | 'scheduling' | 'mesh' | 'storage' | 'consensus' | 'rewards' | 'insurance';
export type Purse = { balance: string } | { stake: string } | { pool: Pool } | 'escrow' | 'burned';

/** Throws Refusal 'InsufficientFunds', 'InsufficientStake', 'UnknownAccount', or 'InvalidAmount' for what is no whole number ≥ 0. */
export function move(state: Overlay, from: Purse, to: Purse, amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new Refusal('InvalidAmount', `amount ${amount} is no whole number of µBPI from 0 on`);
  if (amount === 0) return;
  add(state, from, -amount);
  add(state, to, amount);
}

export function poolOf(state: Overlay, pool: Pool): number {
  return state.read<SupplyRecord>(stateKeys.supply)!.pools[pool] ?? 0;
}

function add(state: Overlay, purse: Purse, amount: number): void {
  if (typeof purse === 'object' && 'balance' in purse) return addTo(state, purse.balance, 'balance', amount);
  if (typeof purse === 'object' && 'stake' in purse) return addTo(state, purse.stake, 'stake', amount);
  const supply = state.read<SupplyRecord>(stateKeys.supply)!;
  if (typeof purse === 'string') return state.write(stateKeys.supply, { ...supply, [purse]: enough(purse, supply[purse], amount) });
  const { pool } = purse;
  state.write(stateKeys.supply, { ...supply, pools: { ...supply.pools, [pool]: enough(`pool ${pool}`, supply.pools[pool] ?? 0, amount) } });
}

function addTo(state: Overlay, key: string, member: 'balance' | 'stake', amount: number): void {
  const account = accountOf(state, key);
  const left = account[member] + amount;
  if (left < 0)
    throw new Refusal(
      member === 'stake' ? 'InsufficientStake' : 'InsufficientFunds',
      `account ${account.name} has a ${member} of ${formatAmount(account[member])}, ${formatAmount(-amount)} is asked for`,
    );
  state.write(stateKeys.account(key), { ...account, [member]: left } satisfies AccountRecord);
}

function enough(name: string, held: number, amount: number): number {
  if (held + amount < 0) throw new Refusal('InsufficientFunds', `${name} holds ${formatAmount(held)}, ${formatAmount(-amount)} is asked for`);
  return held + amount;
}

/** Throws Refusal 'UnknownAccount'. */
export function accountOf(state: Overlay, key: string): AccountRecord {
  const account = state.read<AccountRecord>(stateKeys.account(key));
  if (!account) throw new Refusal('UnknownAccount', `there is no account ${key} on this chain`);
  return account;
}

/**
 * Splits a whole amount in proportion to weights, to the last µBPI: each gets its share rounded down, and what is left goes one by one to
 * the largest remainders, the earlier first. Weights ≥ 0, not all 0.
 */
export function shares(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  const exact = weights.map((weight) => BigInt(amount) * BigInt(weight));
  const whole = exact.map((value) => Number(value / total));
  const left = amount - whole.reduce((sum, value) => sum + value, 0);
  const order = exact
    .map((value, index) => ({ index, rest: value % total }))
    .sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest < b.rest ? 1 : -1));
  for (const { index } of order.slice(0, left)) whole[index]! += 1;
  return whole;
}
