// A Dispute: carried with what was filed and appealed later; its status is the court's (agreement 9).
import { formatAmount } from '../../api/amounts.js';
import type { ConditionInput } from '../../api/conditions.js';
import type { Dispute, DisputeStatus } from '../../api/index.js';
import { appealInstruction, ballotState, caseIdOf, disputeInstruction, filingInstruction } from '../../chain/client/disputeObject.js';
import type { CaseRecord } from '../../chain/courtTypes.js';
import { cutText } from '../../receipts/write/buildStatement.js';
import { acceptedCondition } from './conditions.js';
import type { InstructedParts, SeenInstructed } from './instructedKind.js';

type Seen = SeenInstructed<Dispute, CaseRecord>;
const LINE_BYTES = 1_000;
const timeOf = (ms: number) => new Date(ms).toISOString();

function ready({ record }: Seen): ConditionInput {
  const type = 'Ready';
  if (!record) return { type, status: 'False', reason: 'NotOnTheChain', message: 'it is not on the chain' };
  const { state, tier, deadline, decisions } = record;
  const last = decisions.at(-1);
  if (state === 'Closed') return { type, status: 'True', reason: last?.decision ?? 'Closed', message: `final: ${last?.reason ?? 'no decision was needed'}` };
  const message = state === 'Decided' ? `${last!.decision} in tier ${last!.tier}: ${last!.reason}; it can be appealed until ${timeOf(deadline)}` : `${state} in tier ${tier} until ${timeOf(deadline)}`;
  return { type, status: 'False', reason: state, message };
}

function shown({ state, height, tier, deadline, held, panel, evidence, decisions }: CaseRecord): Omit<DisputeStatus, 'conditions'> {
  const last = decisions.at(-1);
  return {
    state,
    height,
    tier,
    ...(state === 'Closed' ? {} : { deadline: timeOf(deadline) }),
    ...(last ? { decision: last.decision, award: formatAmount(last.award) } : {}),
    held: formatAmount(held),
    panel: panel.map(({ account }) => account),
    ballots: panel.map((member) => ({ account: member.account, state: ballotState(member), ...(member.ballot?.upheld && member.ballot.award > 0 ? { award: formatAmount(member.ballot.award) } : {}) })),
    evidence: evidence.map(({ type, by, shows }) => cutText(`${type} by ${by === '' ? 'the ledger' : by}: ${shows}`, LINE_BYTES)),
    decisions: decisions.map(({ tier: of, decision, reason, height: at }) => cutText(`tier ${of} at height ${at}: ${decision}, ${reason}`, LINE_BYTES)),
  };
}

export const disputeParts: InstructedParts<Dispute, CaseRecord> = {
  kind: 'Dispute',
  idOf: caseIdOf,
  key: (id) => `case/${id}`,
  instructions(chainId, spec) {
    const first = disputeInstruction(spec);
    const id = caseIdOf(chainId, spec);
    if (!first || id === undefined) return [];
    // As they were signed: evidence belongs before a decision, an appeal after it, and evidence may follow that.
    const later = [...spec.filings.map((filing) => filingInstruction(id, filing)), ...spec.appeals.map((appeal) => appealInstruction(id, appeal))];
    return [first, ...later.toSorted((a, b) => a.serial - b.serial)];
  },
  isOpen: ({ state }) => state !== 'Closed',
  status(seen) {
    const { id, record, refused } = seen;
    const conditions = [acceptedCondition(seen, 'kubectl enc dispute sign'), ready(seen)];
    const caseId = id === undefined ? {} : { caseId: id };
    if (record) return { ...shown(record), ...caseId, conditions };
    return { state: id === undefined ? 'Draft' : refused ? 'Refused' : 'Pending', ...caseId, conditions };
  },
};
