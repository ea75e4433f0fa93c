// Fees by time and block, exact: what is below 1 µBPI is carried on as a whole number of the fee's own unit, and never rounded away (agreement 4.2).
import { formatAmount } from '../../../api/amounts.js';
import type { FeeMeter } from '../../economyTypes.js';
import { stateKeys, type AccountRecord } from '../../types.js';
import { move } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import type { BlockContext } from '../operation.js';
import type { Parameters } from '../parameters/parameters.js';
import type { Overlay } from '../state.js';

const DAY_MS = 86_400_000n;
/** Units of 1 µBPI for a fee in µBPI per GB or MB and day: byte·ms times the fee. */
const GB_DAY = 1_000_000_000n * DAY_MS;
const MB_DAY = 1_000_000n * DAY_MS;
/** Parts of 1 µBPI that a block's fee is divided into, so that its operations can share it exactly. */
const BLOCK_PARTS = 1_000_000n;

export interface Accrued {
  /** µBPI */
  whole: number;
  /** Decimal whole number of the unit. */
  rest: string;
}

function accrue(rest: string, units: bigint, perMicro: bigint): Accrued {
  const total = BigInt(rest) + units;
  return { whole: Number(total / perMicro), rest: String(total % perMicro) };
}

/** `ms` of `bytes` at the workload storage fee. */
export function workloadStorage({ workloadStorageFee }: Parameters, bytes: number, ms: number, rest: string): Accrued {
  return accrue(rest, BigInt(bytes) * BigInt(ms) * BigInt(workloadStorageFee), GB_DAY);
}

export function receiptStorage({ receiptStorageFee }: Parameters, bytes: number, ms: number, rest: string): Accrued {
  return accrue(rest, BigInt(bytes) * BigInt(ms) * BigInt(receiptStorageFee), MB_DAY);
}

const feeKey = (account: string) => `fees/${account}`;

export function feeMeterOf(state: Overlay, account: string): FeeMeter | undefined {
  return state.read<FeeMeter>(feeKey(account));
}

/** The operations of one account in a block: how many, and the bytes of their receipts. */
export interface Usage {
  operations: number;
  receiptBytes: number;
}

/**
 * At every block's end: consensus and block storage are shared by the block's operations, and the receipts of each account are kept from now
 * on. Only accounts that act in the block are looked at; an idle one is charged for the time between when it next acts (fees.settle).
 */
export function chargeBlock(state: Overlay, block: BlockContext, usage: ReadonlyMap<string, Usage>): void {
  const operations = [...usage.values()].reduce((sum, one) => sum + one.operations, 0);
  if (operations === 0) return;
  const { consensusFee, consensusStorageFee } = block.parameters;
  const parts = BigInt(consensusFee + consensusStorageFee) * BLOCK_PARTS;
  let first = parts % BigInt(operations);
  for (const [account, { operations: own, receiptBytes }] of usage) {
    const share = (parts / BigInt(operations)) * BigInt(own) + first;
    first = 0n;
    const known = feeMeterOf(state, account) ?? emptyMeter(account, block.timestamp);
    const settled = chargedUntilNow(state, block, known, share);
    state.write(feeKey(account), { ...settled, receiptBytes: settled.receiptBytes + receiptBytes } satisfies FeeMeter);
  }
}

const emptyMeter = (account: string, since: number): FeeMeter => ({ account, receiptBytes: 0, since, receiptRest: '0', consensusRest: '0', owed: 0 });

/** Charges what is due up to now; what the balance does not cover stays owed. */
function chargedUntilNow(state: Overlay, { parameters, timestamp }: BlockContext, meter: FeeMeter, share: bigint): FeeMeter {
  const storage = receiptStorage(parameters, meter.receiptBytes, timestamp - meter.since, meter.receiptRest);
  const consensus = accrue(meter.consensusRest, share, BLOCK_PARTS);
  const { balance } = state.read<AccountRecord>(stateKeys.account(meter.account))!;
  const due = meter.owed + storage.whole + consensus.whole;
  const paid = Math.min(due, balance);
  const forConsensus = Math.min(paid, consensus.whole);
  move(state, { balance: meter.account }, { pool: 'consensus' }, forConsensus);
  move(state, { balance: meter.account }, { pool: 'storage' }, paid - forConsensus);
  return { ...meter, since: timestamp, receiptRest: storage.rest, consensusRest: consensus.rest, owed: due - paid };
}

/** Returns what is still owed, µBPI. */
export function settleFees(state: Overlay, block: BlockContext, account: string): number {
  const meter = feeMeterOf(state, account);
  if (!meter) return 0;
  const settled = chargedUntilNow(state, block, meter, 0n);
  state.write(feeKey(account), settled);
  return settled.owed;
}

/** Adds what nothing covers to what the account owes, and collects as much of it as its balance has. */
export function addDebt(state: Overlay, block: BlockContext, account: string, amount: number): void {
  if (amount === 0) return;
  const meter = feeMeterOf(state, account) ?? emptyMeter(account, block.timestamp);
  state.write(feeKey(account), chargedUntilNow(state, block, { ...meter, owed: meter.owed + amount }, 0n));
}

/** Throws Refusal 'InArrears'. */
export function mustOweNothing(state: Overlay, account: string): void {
  const owed = feeMeterOf(state, account)?.owed ?? 0;
  if (owed > 0) throw new Refusal('InArrears', `account ${account} owes ${formatAmount(owed)} of fees; fund it and send fees.settle`);
}
