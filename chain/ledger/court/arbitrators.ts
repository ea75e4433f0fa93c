// Arbitrators: registered with a bond and their conflicts of interest, drawn by a hash that nobody knew when the draw was asked for (agreement 9.2).
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { formatAmount } from '../../../api/amounts.js';
import type { ArbitratorRecord, CaseRecord } from '../../courtTypes.js';
import { accountOf, move } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import { accountObject, applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import { nodesBehind } from '../staking/liability.js';
import type { Overlay } from '../state.js';

const ARBITRATORS = 'arbitrator/';
const MAX_ARBITRATORS = 1_000;
/** Of the bond, for a ballot that was not given in time. */
const SILENCE_PERCENT = 10;

export function arbitratorOf(state: Overlay, account: string): ArbitratorRecord | undefined {
  return state.read<ArbitratorRecord>(ARBITRATORS + account);
}

function write(state: Overlay, record: ArbitratorRecord): void {
  state.write(ARBITRATORS + record.account, record);
}

function register({ payload: { categories, conflicts }, body: { sender }, state, block }: Operation<'arbitrator.register'>): Effect {
  const known = arbitratorOf(state, sender);
  const bond = block.parameters.arbitratorBond;
  if (!known && state.records<ArbitratorRecord>(ARBITRATORS).length >= MAX_ARBITRATORS)
    throw new Refusal('LimitReached', `${MAX_ARBITRATORS} arbitrators are registered, which is the most there may be`);
  const missing = Math.max(0, bond - (known?.bond ?? 0));
  move(state, { balance: sender }, 'escrow', missing);
  const record = { account: sender, categories: [...new Set(categories)].sort(), conflicts: [...new Set(conflicts)].sort(), bond: (known?.bond ?? 0) + missing };
  write(state, { ...record, seats: known?.seats ?? 0, height: block.height });
  return applied('Registered', `account ${accountOf(state, sender).name} is an arbitrator for ${record.categories.join(', ')}, with a bond of ${formatAmount(record.bond)}`);
}

function resign({ body: { sender }, state }: Operation<'arbitrator.resign'>): Effect {
  const known = arbitratorOf(state, sender);
  if (!known) throw new Refusal('NotRegistered', `account ${accountOf(state, sender).name} is no arbitrator`);
  if (known.seats > 0) throw new Refusal('InUse', `arbitrator ${accountOf(state, sender).name} sits on ${known.seats} cases; it can resign when they are decided`);
  move(state, 'escrow', { balance: sender }, known.bond);
  state.remove(ARBITRATORS + sender);
  return applied('Resigned', `the bond of ${formatAmount(known.bond)} is given back`);
}

/** Tier 1: 3, tier 2: 5, tier 3: 7. */
export const panelSize = (tier: number): number => 1 + 2 * tier;

/** The panel of a case's present tier, or undefined when too few may sit on it. The order of candidates, and so the panel, follows from the seed. */
export function drawPanel(state: Overlay, block: BlockContext, record: CaseRecord): string[] | undefined {
  const candidates = state
    .records<ArbitratorRecord>(ARBITRATORS)
    .filter((one) => maySit(state, block, one, record))
    .map(({ account }) => ({ account, ticket: sha256OfJson({ domain: 'enc-panel-v1', seed: block.previousHash, case: record.id, tier: record.tier, account }) }));
  const size = panelSize(record.tier);
  if (candidates.length < size) return undefined;
  return candidates
    .sort((a, b) => (a.ticket < b.ticket ? -1 : 1))
    .slice(0, size)
    .map(({ account }) => account);
}

/** No party, nobody with a conflict, nobody who sat on it before, and nobody with a node or vote of its own where a penalty or a vote is at stake. */
function maySit(state: Overlay, block: BlockContext, { account, categories, conflicts, bond }: ArbitratorRecord, record: CaseRecord): boolean {
  const parties = [record.claimant, record.respondent];
  if (!categories.includes(record.category) || bond < block.parameters.arbitratorBond) return false;
  if (parties.includes(account) || conflicts.some((other) => parties.includes(other)) || record.sat.includes(account)) return false;
  return !['ReverseSlash', 'AnnulProposal'].includes(record.remedy) || nodesBehind(state, block, account) === 0;
}

export function takeSeats(state: Overlay, accounts: readonly string[], change: 1 | -1): void {
  for (const account of accounts) {
    const known = arbitratorOf(state, account)!;
    write(state, { ...known, seats: known.seats + change });
  }
}

/** A ballot that was not given costs part of the bond; below the bond asked for, no seat is drawn. */
export function penaliseSilence(state: Overlay, account: string): void {
  const known = arbitratorOf(state, account)!;
  const taken = Math.floor((known.bond * SILENCE_PERCENT) / 100);
  move(state, 'escrow', { pool: 'insurance' }, taken);
  write(state, { ...known, bond: known.bond - taken });
}

export const arbitratorOperations: OperationTable<'arbitrator.register' | 'arbitrator.resign'> = {
  'arbitrator.register': { roles: 'anybody', object: accountObject, execute: register },
  'arbitrator.resign': { roles: 'anybody', object: accountObject, execute: resign },
};
