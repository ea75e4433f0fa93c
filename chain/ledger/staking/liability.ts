// How much stake stands behind an account and each of its nodes, on its way out or not (agreement 4.1, 10.2: staked amount per node).
import type { UnbondingRecord } from '../../economyTypes.js';
import { accountOf, move } from '../accounts/money.js';
import { allNodes } from '../nodes/nodeOperations.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';
import { validatorsInForce } from './validatorsInForce.js';

export const unbondingKey = (account: string, id: string): string => `unbonding/${account}/${id}`;

/** The earliest release first. */
export function unbondingOf(state: Overlay, account: string): readonly UnbondingRecord[] {
  return state.records<UnbondingRecord>(unbondingKey(account, '')).toSorted((a, b) => a.releaseAt - b.releaseAt);
}

/** µBPI that a penalty can still reach. */
export function liableStake(state: Overlay, account: string): number {
  return unbondingOf(state, account).reduce((sum, { amount }) => sum + amount, accountOf(state, account).stake);
}

/** Nodes that the account has committed, and one more when it is a validator. */
export function nodesBehind(state: Overlay, block: BlockContext, account: string): number {
  const committed = allNodes(state).filter(({ operator }) => operator === account).length;
  return committed + (validatorsInForce(state, block).some(({ ed25519PublicKey }) => ed25519PublicKey === account) ? 1 : 0);
}

/** Takes into escrow: from the stake first, then from what is on its way out, the latest first. Amount ≤ liableStake. */
export function seize(state: Overlay, account: string, amount: number): void {
  const fromStake = Math.min(amount, accountOf(state, account).stake);
  move(state, { stake: account }, 'escrow', fromStake);
  let left = amount - fromStake;
  for (const entry of unbondingOf(state, account).toReversed()) {
    if (left === 0) return;
    const taken = Math.min(left, entry.amount);
    left -= taken;
    // It is in escrow already: only its claim on it becomes smaller.
    state.write(unbondingKey(account, entry.id), { ...entry, amount: entry.amount - taken } satisfies UnbondingRecord);
  }
}
