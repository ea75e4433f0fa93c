// Penalties: the one place where stake is taken for an offence, held for the appeal, and given back or to the honest (agreement 4.3, 10.2).
import { formatAmount } from '../../../api/amounts.js';
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import type { Offence, SlashRecord } from '../../economyTypes.js';
import { move, shares } from '../accounts/money.js';
import { schedule } from '../due/due.js';
import { Refusal } from '../ledgerError.js';
import type { BlockContext } from '../operation.js';
import { liableStake, nodesBehind, seize } from '../staking/liability.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';
import type { Parameters } from '../parameters/parameters.js';
import { honestStakes } from './honestStakes.js';
import { closeWindow, openWindow, openWindows } from './suspicion.js';

export const SLASH_DUE = 'slash';
/** Agreement 9.2: security_breaches, which the court answers with removal. */
const BREACHES: readonly Offence[] = ['receiptTampering', 'networkAttack'];
export const BREACH_DUE = 'breach';
export const slashKey = (id: string): string => `slash/${id}`;

export interface OffenceReport {
  account: string;
  /** node/<name>, validator/<Ed25519 public key>, or account/<key> of who is neither. */
  subject: string;
  offence: Offence;
  /** What proves it, in words: a transaction, a record, a height. */
  evidence: string;
}

/** Agreement 4.3: 5, 10, 15, 25, 50 %. */
export function percentOf(parameters: Parameters, offence: Offence): number {
  return parameters[`${offence}Percent`];
}

/**
 * Takes the offence's share of the stake behind the subject into escrow, and schedules its end. Undefined when this kind was punished within
 * the window, for repetition is no new offence. At most the stake per node is taken, whatever the kinds (10.2).
 */
export function slash(state: Overlay, block: BlockContext, { account, subject, offence, evidence }: OffenceReport): SlashRecord | undefined {
  const { parameters, timestamp, height } = block;
  const { kinds, taken, base: known } = openWindows(state, subject, timestamp);
  if (kinds.includes(offence)) return undefined;

  const left = liableStake(state, account);
  const base = Math.max(known, Math.floor(left / Math.max(1, nodesBehind(state, block, account))));
  const percent = percentOf(parameters, offence);
  const amount = Math.min(Number((BigInt(base) * BigInt(percent)) / 100n), base - taken, left);
  const id = sha256OfJson({ subject, offence, height, evidence });
  const appealUntil = timestamp + parameters.appealWindowMs;
  const record: SlashRecord = {
    id,
    account,
    subject,
    offence,
    percent,
    base,
    amount,
    evidence,
    height,
    time: timestamp,
    appealUntil,
    state: 'Held',
    caseId: null,
  };
  seize(state, account, amount);
  state.write(slashKey(id), record);
  openWindow(state, subject, { offence, timestamp, until: timestamp + parameters.offenceWindowMs, slash: id, amount }, base);
  schedule(state, { at: appealUntil }, SLASH_DUE, id);
  if (BREACHES.includes(offence) && /^(node|validator)\//.test(subject)) schedule(state, { height: height + 1 }, BREACH_DUE, id);
  return record;
}

/** Throws Refusal 'UnknownSlash'. */
export function slashOf(state: Overlay, id: string): SlashRecord {
  const record = state.read<SlashRecord>(slashKey(id));
  if (!record) throw new Refusal('UnknownSlash', `there is no slash ${id}`);
  return record;
}

/** Holds it beyond its window, for the court. Throws Refusal 'TooLate', 'Exists', 'NotPermitted'. */
export function appealSlash(
  state: Overlay,
  { timestamp }: BlockContext,
  id: string,
  { caseId, appellant }: { caseId: string; appellant: string },
): SlashRecord {
  const record = slashOf(state, id);
  if (record.account !== appellant)
    throw new Refusal('NotPermitted', `only account ${record.account}, whose stake was taken, can appeal slash ${id}`);
  if (record.caseId !== null) throw new Refusal('Exists', `slash ${id} was appealed in case ${record.caseId}`);
  if (record.state !== 'Held' || timestamp > record.appealUntil)
    throw new Refusal('TooLate', `slash ${id} could be appealed until ${new Date(record.appealUntil).toISOString()}; it is ${record.state}`);
  const appealed: SlashRecord = { ...record, state: 'Appealed', caseId };
  state.write(slashKey(id), appealed);
  return appealed;
}

/** Gives the stake back; what was no offence leaves no suspicion and does not count towards the cap. */
export function reverseSlash(state: Overlay, id: string): SlashRecord {
  return end(state, id, 'Reversed', ({ account, amount, subject, offence }) => {
    move(state, 'escrow', { stake: account }, amount);
    closeWindow(state, subject, offence, id);
  });
}

/** To the honest in proportion to their stake; to the insurance fund where there are none. */
export function finaliseSlash(state: Overlay, block: BlockContext, id: string): SlashRecord {
  return end(state, id, 'Final', ({ account, amount }) => {
    const honest = honestStakes(state, block, { account });
    if (honest.length === 0) return move(state, 'escrow', { pool: 'insurance' }, amount);
    const parts = shares(
      amount,
      honest.map(({ stake }) => stake),
    );
    honest.forEach(({ account: receiver }, index) => move(state, 'escrow', { balance: receiver }, parts[index]!));
  });
}

function end(state: Overlay, id: string, to: 'Reversed' | 'Final', pay: (record: SlashRecord) => void): SlashRecord {
  const record = slashOf(state, id);
  if (record.state === 'Reversed' || record.state === 'Final') throw new Refusal('AlreadyEnded', `slash ${id} is ${record.state}`);
  pay(record);
  const ended: SlashRecord = { ...record, state: to };
  state.write(slashKey(id), ended);
  return ended;
}

/** The appeal window is over: nobody appealed, or the court has it. */
export function closeAppealWindow(state: Overlay, block: BlockContext, id: string): SystemEvent | undefined {
  if (slashOf(state, id).state !== 'Held') return undefined;
  const { subject, offence, amount } = finaliseSlash(state, block, id);
  return event('slash.final', { kind: 'Slash', name: id }, 'Final', `${formatAmount(amount)} that ${subject} lost for ${offence} are shared among the honest`);
}
