// Storage of placed pods: set aside a day ahead, settled daily to the byte and millisecond, the rest given back at the end (agreement 4.2).
import type { LeaseRecord } from '../../economyTypes.js';
import { stateKeys, type AccountRecord } from '../../types.js';
import { move } from '../accounts/money.js';
import { schedule } from '../due/due.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';
import { addDebt, mustOweNothing, workloadStorage } from './metering.js';

export const LEASE_DUE = 'lease';
const DAY_MS = 86_400_000;
const leaseKey = (podUid: string) => `lease/${podUid}`;

export function leaseOf(state: Overlay, podUid: string): LeaseRecord | undefined {
  return state.read<LeaseRecord>(leaseKey(podUid));
}

/** What a day of it costs at most, µBPI, rounded up. */
export function dayAhead({ parameters }: BlockContext, bytes: number): number {
  const { whole, rest } = workloadStorage(parameters, bytes, DAY_MS, '0');
  return whole + (rest === '0' ? 0 : 1);
}

/** Throws Refusal 'InsufficientFunds' when the payer cannot set a day aside, 'InArrears' when it owes for days past. A pod without storage has no lease. */
export function openLease(state: Overlay, block: BlockContext, { podUid, payer, bytes }: { podUid: string; payer: string; bytes: number }): void {
  if (bytes === 0 || !block.genesis.economy) return;
  mustOweNothing(state, payer);
  const escrow = dayAhead(block, bytes);
  move(state, { balance: payer }, 'escrow', escrow);
  state.write(leaseKey(podUid), { podUid, payer, bytes, opened: block.timestamp, since: block.timestamp, escrow, rest: '0' } satisfies LeaseRecord);
  schedule(state, { at: block.timestamp + DAY_MS }, LEASE_DUE, `${podUid}@${block.timestamp}`);
}

/** A day is over: it is paid, and the next one set aside as far as the payer's balance goes. `id` = pod uid @ its opening. */
export function renewLease(state: Overlay, block: BlockContext, id: string): void {
  const [podUid, opened] = id.split('@') as [string, string];
  const lease = leaseOf(state, podUid);
  // Released meanwhile, or released and placed anew.
  if (lease?.opened !== Number(opened)) return;
  const settled = settle(state, block, lease);
  const { balance } = state.read<AccountRecord>(stateKeys.account(lease.payer))!;
  const added = Math.min(balance, Math.max(0, dayAhead(block, lease.bytes) - settled.escrow));
  move(state, { balance: lease.payer }, 'escrow', added);
  state.write(leaseKey(podUid), { ...settled, escrow: settled.escrow + added } satisfies LeaseRecord);
  schedule(state, { at: block.timestamp + DAY_MS }, LEASE_DUE, id);
}

export function closeLease(state: Overlay, block: BlockContext, podUid: string): void {
  const lease = leaseOf(state, podUid);
  if (!lease) return;
  const { escrow, payer } = settle(state, block, lease);
  move(state, 'escrow', { balance: payer }, escrow);
  state.remove(leaseKey(podUid));
}

/** Pays what was used from what was set aside; what that does not cover is owed by the payer's account. */
function settle(state: Overlay, block: BlockContext, lease: LeaseRecord): LeaseRecord {
  const used = workloadStorage(block.parameters, lease.bytes, block.timestamp - lease.since, lease.rest);
  const fromEscrow = Math.min(used.whole, lease.escrow);
  move(state, 'escrow', { pool: 'storage' }, fromEscrow);
  addDebt(state, block, lease.payer, used.whole - fromEscrow);
  return { ...lease, since: block.timestamp, escrow: lease.escrow - fromEscrow, rest: used.rest };
}
