// Cases that the ledger decides alone, from what it holds itself: security breaches it has seen, and small claims about performance (agreement 6.1, 9.2).
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import type { CaseRecord, CourtDecision, Evidence } from '../../courtTypes.js';
import { stateKeys, type AdmissionRecord, type SchedulingDecision } from '../../types.js';
import type { BlockContext } from '../operation.js';
import { slashOf } from '../slashing/slash.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';
import { caseObject, decide, newCase } from './caseLife.js';
import { fileEvidence } from './evidence.js';

const LEDGER = '';

/** Claims about performance below the threshold: whether a service level was missed follows from the records. */
export function isWithoutPanel(_state: Overlay, { parameters }: BlockContext, { category, remedy, amount }: CaseRecord): boolean {
  return category === 'Performance' && remedy === 'Compensation' && amount < parameters.arbitrationThreshold;
}

/** Upheld when one of the placements it names was decided too late. */
export function decideAtOnce(state: Overlay, block: BlockContext, record: CaseRecord, evidence: readonly Evidence[]): CaseRecord {
  const latencies = evidence.flatMap((one) => (one.type === 'record' ? [latencyOf(state, one.key)] : [])).filter((ms) => ms !== undefined);
  const worst = Math.max(-1, ...latencies);
  const { decisionLatencyMs, slaPenalty } = block.parameters;
  const missed = worst >= decisionLatencyMs;
  const reason = latencies.length === 0
    ? 'its evidence names no record decision/<pod uid> of a placement'
    : `the slowest placement named took ${worst} ms, less than ${decisionLatencyMs} ms are agreed (6.1)`;
  return ledgerDecides(state, block, record, { upheld: missed, award: missed ? Math.min(record.amount, slaPenalty) : 0, reason });
}

/** From the verdict to the decision, ms of block time; undefined for what is no placement. */
function latencyOf(state: Overlay, key: string): number | undefined {
  const podUid = key.slice(stateKeys.decision('').length);
  if (key !== stateKeys.decision(podUid)) return undefined;
  const decision = state.read<SchedulingDecision>(key);
  const admission = state.read<AdmissionRecord>(stateKeys.admission(podUid));
  return decision && admission && decision.time - admission.facts.time;
}

function ledgerDecides(
  state: Overlay,
  block: BlockContext,
  record: CaseRecord,
  { upheld, award, reason }: { upheld: boolean; award: number; reason: string },
): CaseRecord {
  const decision: CourtDecision = {
    tier: 0,
    decision: upheld ? 'Upheld' : 'Dismissed',
    award,
    for: 0,
    against: 0,
    height: block.height,
    time: block.timestamp,
    reason,
  };
  return decide(state, block, { ...record, tier: 0 }, decision);
}

export interface Finding extends Pick<CaseRecord, 'category' | 'respondent' | 'remedy' | 'subject' | 'amount' | 'claim'> {
  id: string;
  evidence: Evidence;
}

/** A case that the ledger opens, proves and decides itself; the respondent can appeal it. */
export function openByLedger(state: Overlay, block: BlockContext, { evidence, ...finding }: Finding): CaseRecord {
  const record = newCase(block, { ...finding, claimant: LEDGER, tier: 0, deposits: [] });
  const filed = { ...record, evidence: fileEvidence(state, block, record, evidence, LEDGER) };
  return ledgerDecides(state, block, filed, { upheld: true, award: finding.amount, reason: finding.claim });
}

/** A penalty for tampering or an attack removes the node too, until the court says otherwise (9.2 security_breaches: automatic_node_removal). */
export function removeBreacher(state: Overlay, block: BlockContext, slashId: string): SystemEvent | undefined {
  const { account, subject, offence, state: stands } = slashOf(state, slashId);
  if (stands === 'Reversed') return undefined;
  const claim = `${subject} committed ${offence} (slash ${slashId})`;
  const id = sha256OfJson({ breach: slashId });
  const evidence: Evidence = { type: 'record', key: `slash/${slashId}` };
  openByLedger(state, block, { id, category: 'Security', respondent: account, remedy: 'RemoveNode', subject, amount: 0, claim, evidence });
  return event('case.open', caseObject({ id }), 'Upheld', `${claim}: nothing is placed there any more; account ${account} can appeal case ${id}`);
}
