// Settles an hour: what each has earned is paid from fees and the reward pool, and who was away too long is penalised; work in proportion to the nodes (agreement 4.1, 4.3).
import { formatAmount } from '../../../api/amounts.js';
import type { HourRecord, MeterRecord, SlashRecord } from '../../economyTypes.js';
import { stateKeys, type AccountRecord } from '../../types.js';
import { move, poolOf, shares, type Pool } from '../accounts/money.js';
import { allNodes } from '../nodes/nodeOperations.js';
import type { BlockContext } from '../operation.js';
import { slash } from '../slashing/slash.js';
import { validatorsInForce } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';
import { watchCluster } from '../termination/watchCluster.js';
import { assess, type Assessment } from './assess.js';
import { accountBehind, METERS, writeMeter } from './participants.js';

/** In this order: what the cluster has taken in comes before what it began with. */
const PAYING_POOLS: readonly Pool[] = ['scheduling', 'mesh', 'storage', 'consensus', 'receipts', 'rewards'];

/** Returns what is to have a receipt: what was paid, and each penalty. */
export function settleHour(state: Overlay, block: BlockContext, hour: HourRecord): SystemEvent[] {
  const meters = state.records<MeterRecord>(METERS);
  const stakes = stakePerNode(state, block);
  const assessments = assess(
    meters.map((meter) => ({ meter, hasStake: stakes(meter.account) >= block.parameters.minimumStake })),
    hour,
    block.parameters,
  );
  const penalties: SlashRecord[] = [];
  const earned = assessments.map((one) => credited(one, state, block, hour, penalties));
  let paid = 0;
  for (const { meter, left } of pay(state, earned)) {
    paid += meter.owed - left;
    const gone = accountBehind(state, block, meter.participant) !== meter.account;
    if (gone && left === 0) state.remove(METERS + meter.participant);
    else writeMeter(state, { ...meter, owed: left });
  }
  const active = assessments.filter((one) => one.active).length;
  watchCluster(state, block, hour, active);
  const of = new Date(hour.hour).toISOString();
  const told = event('rewards.settle', { kind: 'Hour', name: of }, 'Settled', `${formatAmount(paid)} are paid to ${active} active nodes and validators for the hour of ${of}`, { paid });
  return meters.length === 0 ? [] : [told, ...penalties.map(toldPenalty)];
}

function toldPenalty({ id, subject, offence, amount, evidence }: SlashRecord): SystemEvent {
  return event('slash.hold', { kind: 'Slash', name: id }, 'Held', `${formatAmount(amount)} of ${subject} are held for ${offence}: ${evidence}`);
}

/** The account's stake divided by the nodes that it answers for, metered or not. */
function stakePerNode(state: Overlay, block: BlockContext): (account: string) => number {
  const counts = new Map<string, number>();
  const count = (account: string) => counts.set(account, (counts.get(account) ?? 0) + 1);
  for (const { operator } of allNodes(state)) count(operator);
  for (const { ed25519PublicKey } of validatorsInForce(state, block)) count(ed25519PublicKey);
  return (account) => Math.floor((state.read<AccountRecord>(stateKeys.account(account))?.stake ?? 0) / (counts.get(account) ?? 1));
}

/** The meter with what it earned, and with its absence counted; too long an absence is service unavailability. */
function credited(
  { meter, reward, shortfalls }: Assessment,
  state: Overlay,
  block: BlockContext,
  { hour }: HourRecord,
  penalties: SlashRecord[],
): MeterRecord {
  const missed = shortfalls.includes('uptime') ? meter.missed + 1 : 0;
  const away = missed >= block.parameters.missedHours;
  if (away && accountBehind(state, block, meter.participant) === meter.account) {
    const evidence = `below ${block.parameters.minimumUptimePercent} % uptime in ${missed} hours in a row until ${new Date(hour).toISOString()}`;
    const penalty = slash(state, block, { account: meter.account, subject: meter.participant, offence: 'serviceUnavailability', evidence });
    if (penalty) penalties.push(penalty);
  }
  return { ...meter, missed: away ? 0 : missed, earned: meter.earned + reward, owed: meter.owed + reward };
}

/** In full while the pools last, else in proportion to what is owed; the rest stays owed and is paid first when the pools fill. */
function pay(state: Overlay, meters: readonly MeterRecord[]): { meter: MeterRecord; left: number }[] {
  const owed = meters.reduce((sum, meter) => sum + meter.owed, 0);
  const held = PAYING_POOLS.map((pool) => ({ pool, amount: poolOf(state, pool) }));
  const available = held.reduce((sum, { amount }) => sum + amount, 0);
  if (owed === 0 || available === 0) return meters.map((meter) => ({ meter, left: meter.owed }));
  const paid = owed <= available ? meters.map((meter) => meter.owed) : shares(available, meters.map((meter) => meter.owed)); // prettier-ignore

  let collect = Math.min(owed, available);
  for (const { pool, amount } of held) {
    const taken = Math.min(collect, amount);
    move(state, { pool }, 'escrow', taken);
    collect -= taken;
  }
  const byAccount = new Map<string, number>();
  meters.forEach(({ account }, index) => byAccount.set(account, (byAccount.get(account) ?? 0) + paid[index]!));
  for (const [account, amount] of byAccount) move(state, 'escrow', { balance: account }, amount);
  return meters.map((meter, index) => ({ meter, left: meter.owed - paid[index]! }));
}
