// Says a verdict in one sentence: what was decided and, on a refusal, by which policy, rule, clause and regulation, and what would cure it.
import type { AdmissionFacts, Verdict, Violation } from './types.js';

/** A receipt's reason holds 1 KiB; the sentence names as many violations as are readable and counts the rest. */
const MAX_NAMED = 3;
const MAX_CLAUSE = 300;
/** Cut between characters, never inside one. */
const quoted = (clause: string) => `"${clause.length > MAX_CLAUSE ? `${[...clause].slice(0, MAX_CLAUSE).join('')}…` : clause}"`;

export function describeViolation({ kind, name, rule, clause, regulation, message, cure }: Violation): string {
  const by = kind === 'Guard' ? name : `${kind} ${name}${rule ? `/${rule}` : ''}`;
  const source = [regulation, clause && quoted(clause)].filter(Boolean).join(': ');
  return `${by}: ${message}${source ? ` [${source}]` : ''}${cure ? `; to cure it, ${cure}` : ''}`;
}

export function refusalMessage(facts: AdmissionFacts, violations: readonly Violation[]): string {
  const { kind, namespace, name } = facts.object;
  const what = `${kind} ${namespace ? `${namespace}/` : ''}${name} refused`;
  const named = violations.slice(0, MAX_NAMED).map(describeViolation).join(' | ');
  const rest = violations.length > MAX_NAMED ? ` | and ${violations.length - MAX_NAMED} more` : '';
  return `${what} by ${named}${rest}`;
}

export function allowMessage(facts: AdmissionFacts, verdict: Pick<Verdict, 'light' | 'obligations' | 'allowedRegions'>): string {
  const { kind, namespace, name } = facts.object;
  const where = verdict.allowedRegions ? `, to be placed in ${verdict.allowedRegions.join(' or ')}` : '';
  const under = verdict.obligations.length > 0 ? ` under ${verdict.obligations.map(({ type, rule }) => `${type} (${rule})`).join(', ')}` : '';
  return `${kind} ${namespace ? `${namespace}/` : ''}${name} allowed, ${verdict.light}${under}${where}`;
}
