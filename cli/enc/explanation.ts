// Why an object is where it is, or why it was refused: composed from its verified receipts and its certified record on the ledger.
import type { SchedulingDecision, WaitingRecord } from '../../chain/types.js';
import type { AppliedException, NodeExplanation, Obligation, Violation } from '../../policy/types.js';
import { describeViolation } from '../../policy/message.js';
import type { ReceiptPredicate } from '../../receipts/types.js';
import { facts, table, timeOf } from '../bpci/table.js';
import { signersText } from './describeReceipt.js';
import { showObject } from './objectKinds.js';
import type { ReadReceipt } from './readReceipts.js';

/** What the receipt of a verdict says in its details. */
interface VerdictDetails {
  light: string;
  decision: 'allow' | 'refuse';
  policyHeight: number;
  operation: string;
  user: string;
  violations: Violation[];
  violationsLeftOut?: number;
  obligations: Obligation[];
  exceptions?: AppliedException[];
  without?: { decision: string; light: string; message: string };
}
type VerdictReceipt = ReadReceipt & { details: VerdictDetails };

export interface Explanation {
  object: string;
  /** One sentence. */
  summary: string;
  placement?: { node: string; height: number; state: string; message: string; nodes: NodeExplanation[]; policyHeight: number };
  waiting?: { height: number; attempt: number; message: string; nodes: NodeExplanation[] };
  verdict?: { decision: string; light: string; policyHeight: number; operation: string; violations: Violation[]; obligations: Obligation[]; receiptId: string; height: number } & Pick<VerdictDetails, 'exceptions' | 'without'>;
  /** Of the block that made the placement or, where there is none, the verdict. */
  certificate?: { height: number; time: number; round: number; signers: string };
  receipts: Pick<ReceiptPredicate, 'blockHeight' | 'operationType' | 'outcome' | 'code' | 'reason' | 'receiptId'>[];
}

export interface Known {
  object: { kind: string; namespace?: string; name: string };
  /** Newest first. */
  receipts: readonly ReadReceipt[];
  decision?: SchedulingDecision;
  waiting?: WaitingRecord;
}

const predicateOf = ({ statement }: ReadReceipt) => statement.predicate;

function lastVerdict(receipts: readonly ReadReceipt[]): VerdictReceipt | undefined {
  const found = receipts.find((receipt) => {
    const { operationType, details } = predicateOf(receipt);
    return operationType === 'admission.verdict' && Array.isArray((details as Partial<VerdictDetails> | undefined)?.violations);
  });
  return found && { ...found, details: predicateOf(found).details as VerdictDetails };
}

const placed = (receipts: readonly ReadReceipt[], height: number) =>
  receipts.find((receipt) => predicateOf(receipt).operationType === 'placement.request' && receipt.height === height);

function summarise({ object, receipts, decision, waiting }: Known, verdict: VerdictReceipt | undefined): string {
  const what = showObject(object);
  if (decision) return `${what} is ${decision.state} on node ${decision.targetNode}, decided in block ${decision.height}`;
  if (verdict?.details.decision === 'refuse') return `${what} was refused in block ${verdict.height}: ${predicateOf(verdict).reason}`;
  if (waiting) return `${what} is not placed: ${waiting.explanation.message}`;
  const [newest] = receipts.map(predicateOf);
  return newest ? `${what}: ${newest.outcome} (${newest.code}) in block ${newest.blockHeight}: ${newest.reason}` : `the chain has no receipt about ${what}`;
}

export function explain(known: Known): Explanation {
  const { object, receipts, decision, waiting } = known;
  const verdict = lastVerdict(receipts);
  const proof = (decision && placed(receipts, decision.height)) ?? verdict ?? receipts[0];
  return {
    object: showObject(object),
    summary: summarise(known, verdict),
    ...(decision ? { placement: { node: decision.targetNode, height: decision.height, state: decision.state, message: decision.explanation.message, nodes: decision.explanation.nodes, policyHeight: decision.policyHeight } } : {}),
    ...(waiting && !decision ? { waiting: { height: waiting.height, attempt: waiting.attempt, message: waiting.explanation.message, nodes: waiting.explanation.nodes } } : {}),
    ...(verdict ? { verdict: verdictOf(verdict) } : {}),
    ...(proof ? { certificate: { height: proof.height, time: proof.timestamp, round: proof.round, signers: signersText(proof.set, proof.signers) } } : {}),
    receipts: receipts.map(predicateOf).map(({ blockHeight, operationType, outcome, code, reason, receiptId }) => ({ blockHeight, operationType, outcome, code, reason, receiptId })),
  };
}

function verdictOf({ details, height, statement }: VerdictReceipt): NonNullable<Explanation['verdict']> {
  const { decision, light, policyHeight, operation, violations, obligations, exceptions, without } = details;
  return { decision, light, policyHeight, operation, violations, obligations, ...(exceptions ? { exceptions } : {}), ...(without ? { without } : {}), receiptId: statement.predicate.receiptId, height };
}

const nodeRow = ({ node, filter, reason, score }: NodeExplanation) => [node, filter === '' ? 'feasible' : `excluded by ${filter}`, score ?? '-', reason];
const nodeTable = (nodes: readonly NodeExplanation[]) => (nodes.length === 0 ? [] : ['', table([['NODE', 'RESULT', 'SCORE', 'REASON'], ...nodes.map(nodeRow)])]);
const MAX_RECEIPTS = 8;

const parametersText = (parameters: Readonly<Record<string, string>>) => Object.entries(parameters).map(([name, value]) => `${name}=${value}`).join(' ');

function exceptionRows(verdict: Explanation['verdict']): [string, string][] {
  const { exceptions = [], without } = verdict ?? {};
  return [
    ...exceptions.map(({ name, policy, rule, approvers, reason, expiresAt, breakGlass }): [string, string] => [breakGlass ? 'break-glass' : 'exception', `${name} from ${[policy, rule].filter(Boolean).join('/')}, approved by ${approvers.join(', ')} until ${expiresAt}: ${reason}`]),
    ...(without ? [['without it', `${without.decision}, ${without.light}: ${without.message}`] as [string, string]] : []),
  ];
}

function factRows({ placement, waiting, verdict, certificate }: Explanation): [string, string][] {
  const rows: [string, string][] = [];
  if (verdict) rows.push(['verdict', `${verdict.decision}, ${verdict.light} (${verdict.operation}, block ${verdict.height}, policies of block ${verdict.policyHeight})`]);
  for (const violation of verdict?.violations ?? []) rows.push(['violation', describeViolation(violation)]);
  for (const { type, rule, parameters } of verdict?.obligations ?? []) rows.push(['obligation', `${type} ${parametersText(parameters)} (${rule})`]);
  rows.push(...exceptionRows(verdict));
  if (placement) rows.push(['placement', `${placement.message}; block ${placement.height}, policies of block ${placement.policyHeight}`]);
  if (waiting) rows.push(['waiting', `${waiting.message} (attempt ${waiting.attempt}, block ${waiting.height})`]);
  if (certificate) rows.push(['certificate', `block ${certificate.height} of ${timeOf(certificate.time)}, round ${certificate.round}, ${certificate.signers}`]);
  return rows;
}

function receiptTable(receipts: Explanation['receipts']): string[] {
  if (receipts.length === 0) return [];
  const shown = receipts.slice(0, MAX_RECEIPTS);
  const rows = shown.map(({ blockHeight, operationType, outcome, code, receiptId }) => [blockHeight, operationType, outcome, code, receiptId]);
  const older = receipts.length - shown.length;
  return ['', table([['BLOCK', 'OPERATION', 'OUTCOME', 'CODE', 'RECEIPT'], ...rows]), ...(older > 0 ? [`and ${older} older: kubectl enc receipts --for KIND/NAME`] : [])];
}

export function explanationText(explanation: Explanation): string {
  const { summary, placement, waiting, receipts } = explanation;
  const rows = factRows(explanation);
  return [summary, ...(rows.length > 0 ? ['', facts(rows)] : []), ...nodeTable(placement?.nodes ?? waiting?.nodes ?? []), ...receiptTable(receipts)].join('\n');
}
