// What a tenant's receipts of a period show: each finding with the receipts that it rests on. Pure: the same receipts give the same findings.
import type { ReceiptPredicate } from '../types.js';

/** What an agreement asks for, as far as receipts can show it. */
export interface AgreementTerms {
  name: string;
  /** sha256 of its canonical JSON, hex. */
  hash: string;
  state: string;
  requiredPolicies: string[];
  regulations: string[];
}

export interface Finding {
  /** Stable, of letters, digits and dashes. */
  id: string;
  title: string;
  state: 'satisfied' | 'not-satisfied';
  /** One sentence: why. */
  reason: string;
  /** Regulations that the receipts or the agreement name. */
  regulations: string[];
  /** The receipts that it rests on, oldest first; all of them. */
  evidence: ReceiptPredicate[];
}

interface Violated {
  kind: string;
  name: string;
  rule: string;
  regulation: string;
}
interface VerdictDetails {
  operation?: string;
  violations?: Violated[];
  exceptions?: { name: string; policy: string; approvers?: unknown[] }[];
}

const POLICY_KINDS = new Set(['BisoPolicy', 'TrafficRule', 'Agreement']);
const ENFORCED = /^(BisoPolicy|TrafficRule|Agreement|Guard)\/([^/:]+)(?:\/[^:]*)?: /;

const detailsOf = ({ details }: ReceiptPredicate): VerdictDetails => (details ?? {}) as VerdictDetails;
const isVerdict = ({ operationType }: ReceiptPredicate) => operationType === 'admission.verdict';
const count = (some: readonly unknown[], one: string, many = `${one}s`) => `${some.length} ${some.length === 1 ? one : many}`;
const unique = (texts: readonly string[]) => [...new Set(texts.filter((text) => text !== ''))].sort();

/** Of a pod that runs: what was done about it, and by which policy. */
function enforced(predicates: readonly ReceiptPredicate[]): { predicate: ReceiptPredicate; policy: string }[] {
  return predicates.flatMap((predicate) => {
    const match = predicate.operationType === 'reconcile.report' && predicate.object?.kind === 'Pod' ? ENFORCED.exec(predicate.reason) : null;
    return match ? [{ predicate, policy: match[2]! }] : [];
  });
}

function admission(predicates: readonly ReceiptPredicate[]): Finding {
  const verdicts = predicates.filter((predicate) => isVerdict(predicate) && predicate.object?.kind === 'Pod' && detailsOf(predicate).operation === 'CREATE');
  const past = enforced(predicates).filter(({ policy }) => policy === 'NotCertified').map(({ predicate }) => predicate);
  const refused = verdicts.filter(({ outcome }) => outcome === 'refused');
  return {
    id: 'certified-admission',
    title: 'Every pod was admitted by a verdict that a quorum of validators recomputed',
    state: past.length === 0 ? 'satisfied' : 'not-satisfied',
    reason:
      past.length === 0
        ? `${count(verdicts, 'pod')} asked for, ${refused.length} refused; none was found running without a certified decision`
        : `${count(past, 'pod was', 'pods were')} found running without a certified decision, and removed`,
    regulations: [],
    evidence: inOrder([...verdicts, ...past]),
  };
}

function placement(predicates: readonly ReceiptPredicate[]): Finding {
  const placed = predicates.filter(({ operationType, code }) => operationType === 'placement.request' && code === 'Placed');
  const bindings = predicates.filter((predicate) => isVerdict(predicate) && predicate.object?.kind === 'Binding');
  const refused = bindings.filter(({ outcome }) => outcome === 'refused');
  return {
    id: 'certified-placement',
    title: 'Every pod was bound to the node that the validators computed for it, and to no other',
    state: 'satisfied',
    reason: `${count(placed, 'placement')}, ${bindings.length - refused.length} bindings let through, ${refused.length} refused for want of a certified placement`,
    regulations: [],
    evidence: inOrder([...placed, ...bindings]),
  };
}

/** By policy, rule or agreement: those that refused, those that acted on what ran, those that the agreement requires. */
function policies(predicates: readonly ReceiptPredicate[], agreement: AgreementTerms | undefined): Finding[] {
  const refusals = new Map<string, { evidence: ReceiptPredicate[]; regulations: string[] }>();
  for (const predicate of predicates.filter((one) => isVerdict(one) && one.outcome === 'refused')) {
    for (const { kind, name, regulation } of detailsOf(predicate).violations ?? []) {
      if (!POLICY_KINDS.has(kind)) continue;
      const entry = refusals.get(name) ?? { evidence: [], regulations: [] };
      if (!entry.evidence.includes(predicate)) entry.evidence.push(predicate);
      entry.regulations.push(regulation);
      refusals.set(name, entry);
    }
  }
  const acted = enforced(predicates).filter(({ policy }) => policy !== 'NotCertified');
  const names = unique([...refusals.keys(), ...acted.map(({ policy }) => policy), ...(agreement?.requiredPolicies ?? [])]);
  return names.map((name): Finding => {
    const remedied = acted.filter(({ policy }) => policy === name).map(({ predicate }) => predicate);
    const { evidence = [], regulations = [] } = refusals.get(name) ?? {};
    const required = agreement?.requiredPolicies.includes(name) ? `, which agreement ${agreement.name} requires,` : '';
    return {
      id: `policy-${name}`,
      title: `Policy ${name}${required} was kept`,
      state: remedied.length === 0 ? 'satisfied' : 'not-satisfied',
      reason:
        remedied.length === 0
          ? `${count(evidence, 'request')} against it refused; nothing that ran was found against it`
          : `${count(remedied, 'running pod was', 'running pods were')} found against it and dealt with; ${count(evidence, 'request')} refused`,
      regulations: unique(regulations),
      evidence: inOrder([...evidence, ...remedied]),
    };
  });
}

function exceptions(predicates: readonly ReceiptPredicate[]): Finding[] {
  const past = predicates.filter((predicate) => isVerdict(predicate) && (detailsOf(predicate).exceptions ?? []).length > 0);
  if (past.length === 0) return [];
  const named = unique(past.flatMap((predicate) => detailsOf(predicate).exceptions!.map(({ name, policy }) => `${name} (past ${policy})`)));
  return [
    {
      id: 'exceptions',
      title: 'Pods were let past a policy only by an exception that its approvers signed',
      state: 'satisfied',
      reason: `${count(past, 'verdict')} rested on ${named.join(', ')}`,
      regulations: [],
      evidence: inOrder(past),
    },
  ];
}

const inOrder = (some: readonly ReceiptPredicate[]): ReceiptPredicate[] => [...new Set(some)].sort((a, b) => a.blockHeight - b.blockHeight || a.index - b.index);

/** `predicates` = all receipts of the tenant's namespace in the period, which the caller has proved to be all (verifyHistory). */
export function complianceFindings(predicates: readonly ReceiptPredicate[], agreement?: AgreementTerms): Finding[] {
  return [admission(predicates), placement(predicates), ...policies(predicates, agreement), ...exceptions(predicates)];
}
