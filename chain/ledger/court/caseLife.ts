// A case's way through the court: evidence, the draw of a panel, ballots committed and revealed, a decision, up to three tiers (agreement 9.2).
import { formatAmount } from '../../../api/amounts.js';
import type { CaseRecord, CaseState, CourtDecision } from '../../courtTypes.js';
import { accountOf, move, poolOf, shares } from '../accounts/money.js';
import { schedule, unschedule } from '../due/due.js';
import { Refusal } from '../ledgerError.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';
import { drawPanel, panelSize, penaliseSilence, takeSeats } from './arbitrators.js';
import { enforceForGood, enforceForNow } from './enforcement.js';
import { liabilityCap } from './liabilityCap.js';

export const CASE_DUE = 'case';
export const DRAW_DUE = 'draw';
export const LAST_TIER = 3;
/** Blocks between asking for a panel and drawing it: the hash that draws it is of a block certified after the request. */
const DRAW_AFTER = 2;
const MAX_DRAWS = 3;
/** Blocks until a panel is sought again. */
const DRAW_RETRY = 100;
const caseKey = (id: string) => `case/${id}`;

/** Throws Refusal 'UnknownCase'. */
export function caseOf(state: Overlay, id: string): CaseRecord {
  const record = state.read<CaseRecord>(caseKey(id));
  if (!record) throw new Refusal('UnknownCase', `there is no case ${id}`);
  return record;
}

export function writeCase(state: Overlay, record: CaseRecord): void {
  state.write(caseKey(record.id), record);
}

/** What a case is begun with; by the ledger itself it has no tier and no deposit. */
export type NewCase = Pick<CaseRecord, 'id' | 'category' | 'claimant' | 'respondent' | 'remedy' | 'subject' | 'amount' | 'claim' | 'tier' | 'deposits'>;

export function newCase({ height, timestamp }: BlockContext, begun: NewCase): CaseRecord {
  const empty = { draws: 0, drawHeight: null, panel: [], sat: [], evidence: [], held: 0, decisions: [] };
  return { ...begun, ...empty, state: 'Evidence', height, opened: timestamp, deadline: timestamp };
}

/** Into a state that ends at a deadline. */
export function enter(state: Overlay, record: CaseRecord, to: CaseState, deadline: number): CaseRecord {
  unschedule(state, { at: record.deadline }, CASE_DUE, record.id);
  const entered: CaseRecord = { ...record, state: to, deadline };
  writeCase(state, entered);
  schedule(state, { at: deadline }, CASE_DUE, record.id);
  return entered;
}

/** The deadline of the state it is in has come. */
export function caseDeadline(state: Overlay, block: BlockContext, id: string): SystemEvent | undefined {
  const record = caseOf(state, id);
  switch (record.state) {
    case 'Evidence':
      return told(askForPanel(state, block, record), 'the time for evidence is over; a panel is drawn');
    case 'Drawing':
      return toldDecision(decide(state, block, record, undecided(record, block, 'no panel could be drawn in time')));
    case 'Commit':
      return told(startReveal(state, block, record), 'ballots are revealed');
    case 'Reveal':
      return toldDecision(countBallots(state, block, record));
    case 'Decided':
      return told(close(state, block, record), 'no appeal was made; the decision is final');
    case 'Closed':
      return undefined;
  }
}

export function askForPanel(state: Overlay, block: BlockContext, record: CaseRecord): CaseRecord {
  const drawHeight = block.height + DRAW_AFTER;
  schedule(state, { height: drawHeight }, DRAW_DUE, record.id);
  return enter(state, { ...record, panel: [], drawHeight, draws: record.draws + 1 }, 'Drawing', block.timestamp + block.parameters.drawMs);
}

/** Its height has come. When too few may sit, it is tried again until the deadline: others may register meanwhile. */
export function drawDue(state: Overlay, block: BlockContext, id: string): SystemEvent | undefined {
  const record = caseOf(state, id);
  if (record.state !== 'Drawing' || record.drawHeight === null || record.drawHeight > block.height) return undefined;
  const accounts = drawPanel(state, block, record);
  if (!accounts) {
    const drawHeight = block.height + DRAW_RETRY;
    writeCase(state, { ...record, drawHeight });
    schedule(state, { height: drawHeight }, DRAW_DUE, id);
    return undefined;
  }
  takeSeats(state, accounts, 1);
  const panel = accounts.map((account) => ({ account, commitment: null, ballot: null }));
  const seated = enter(state, { ...record, panel, sat: [...record.sat, ...accounts].sort(), drawHeight: null }, 'Commit', block.timestamp + block.parameters.commitMs);
  return event('case.draw', caseObject(seated), 'Drawn', `${accounts.length} arbitrators were drawn with hash ${block.previousHash}`, { panel: accounts, seed: block.previousHash });
}

export function startReveal(state: Overlay, block: BlockContext, record: CaseRecord): CaseRecord {
  return enter(state, record, 'Reveal', block.timestamp + block.parameters.revealMs);
}

/** Who was silent pays for it. Where the panel has no majority of ballots, another is drawn. */
export function countBallots(state: Overlay, block: BlockContext, record: CaseRecord): CaseRecord {
  const ballots = record.panel.flatMap(({ ballot }) => (ballot ? [ballot] : []));
  takeSeats(
    state,
    record.panel.map(({ account }) => account),
    -1,
  );
  for (const { account, ballot } of record.panel) if (!ballot) penaliseSilence(state, account);
  if (ballots.length * 2 <= panelSize(record.tier)) {
    if (record.draws < MAX_DRAWS) return askForPanel(state, block, record);
    return decide(state, block, record, undecided(record, block, `${MAX_DRAWS} panels gave no majority of ballots`));
  }
  const awards = ballots.filter(({ upheld }) => upheld).map(({ award }) => award).sort((a, b) => a - b); // prettier-ignore
  const isUpheld = awards.length * 2 > ballots.length;
  const decision: CourtDecision = {
    tier: record.tier,
    decision: isUpheld ? 'Upheld' : 'Dismissed',
    // The lower median: no single arbitrator can raise it.
    award: isUpheld && record.remedy === 'Compensation' ? Math.min(record.amount, awards[(awards.length - 1) >> 1]!) : 0,
    for: awards.length,
    against: ballots.length - awards.length,
    height: block.height,
    time: block.timestamp,
    reason: `${awards.length} of ${ballots.length} ballots uphold it`,
  };
  return decide(state, block, record, decision);
}

/** What stands, stands: the last tier's decision, or none in favour of the claimant. */
function undecided({ tier, decisions }: CaseRecord, { height, timestamp: time }: BlockContext, reason: string): CourtDecision {
  const { decision = 'Dismissed', award = 0 } = decisions.at(-1) ?? {};
  return { tier, decision, award, for: 0, against: 0, height, time, reason };
}

/** Carried out for now; for good when nobody appeals in time, or nobody can. */
export function decide(state: Overlay, block: BlockContext, record: CaseRecord, found: CourtDecision): CaseRecord {
  const decision = withinCap(state, block, record, found);
  const decided = enforceForNow(state, block, { ...record, drawHeight: null, decisions: [...record.decisions, decision] });
  const settled = settleDeposits(state, decided);
  if (decision.tier === LAST_TIER) return close(state, block, settled);
  return enter(state, settled, 'Decided', block.timestamp + block.parameters.appealWindowMs);
}

/** Agreement 10.2, liability_caps. */
function withinCap(state: Overlay, block: BlockContext, record: CaseRecord, decision: CourtDecision): CourtDecision {
  if (decision.award === 0) return decision;
  const cap = liabilityCap(state, block, record);
  if (decision.award <= cap) return decision;
  return { ...decision, award: cap, reason: `${decision.reason}; the award of ${formatAmount(decision.award)} is limited to ${formatAmount(cap)} (10.2)` };
}

/** The deposit of whoever lost pays the arbitrators who gave a ballot; its balance, or the insurance fund, where it left none. */
function settleDeposits(state: Overlay, record: CaseRecord): CaseRecord {
  const ballots = record.panel.filter(({ ballot }) => ballot !== null).map(({ account }) => account);
  const { decision } = record.decisions.at(-1)!;
  const isUpheld = decision === 'Upheld';
  const loser = isUpheld ? record.respondent : record.claimant;
  const fee = record.deposits.at(-1)?.amount ?? 0;
  let collected = 0;
  for (const { account, amount } of record.deposits) {
    // Who is not the claimant left it for the respondent, be it another validator for the network.
    if ((account === record.claimant) === isUpheld) move(state, 'escrow', { balance: account }, amount);
    else collected += amount;
  }
  if (ballots.length > 0) {
    if (collected === 0) collected = collectFee(state, loser, fee);
    const parts = shares(Math.min(collected, fee), ballots.map(() => 1)); // prettier-ignore
    ballots.forEach((account, index) => move(state, 'escrow', { balance: account }, parts[index]!));
    collected -= Math.min(collected, fee);
  }
  move(state, 'escrow', { pool: 'insurance' }, collected);
  return { ...record, deposits: [] };
}

/** Into escrow; returns how much. */
function collectFee(state: Overlay, loser: string, fee: number): number {
  const fromLoser = loser === '' ? 0 : Math.min(accountOf(state, loser).balance, fee);
  move(state, { balance: loser }, 'escrow', fromLoser);
  const fromFund = Math.min(poolOf(state, 'insurance'), fee - fromLoser);
  move(state, { pool: 'insurance' }, 'escrow', fromFund);
  return fromLoser + fromFund;
}

export function close(state: Overlay, block: BlockContext, record: CaseRecord): CaseRecord {
  unschedule(state, { at: record.deadline }, CASE_DUE, record.id);
  const closed: CaseRecord = { ...enforceForGood(state, block, record), state: 'Closed' };
  writeCase(state, closed);
  return closed;
}

export const caseObject = ({ id }: { id: string }) => ({ kind: 'Dispute', name: id });

function told(record: CaseRecord, what: string): SystemEvent {
  return event('case.deadline', caseObject(record), record.state, `case ${record.id}: ${what}`);
}

function toldDecision(record: CaseRecord): SystemEvent {
  const last = record.decisions.at(-1);
  if (record.state === 'Drawing' || !last) return told(record, 'too few ballots were given; another panel is drawn');
  return event('case.decide', caseObject(record), last.decision, `case ${record.id} is ${last.decision} in tier ${last.tier}: ${last.reason}`, { decision: last });
}
