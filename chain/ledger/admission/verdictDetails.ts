// What the receipt of a verdict says of it: enough to quote and to account for, within what a log entry can hold.
import type { AdmissionFacts, AppliedException, Verdict, Violation } from '../../../policy/types.js';
import { cutText } from '../../../receipts/write/buildStatement.js';

const MAX_VIOLATIONS = 16;
const MAX_OBLIGATIONS = 16;
const MAX_EXCEPTIONS = 16;
const MAX_TEXT = 512;
const short = (text: string) => cutText(text, MAX_TEXT);

export function verdictDetails(facts: AdmissionFacts, verdict: Verdict): Record<string, unknown> {
  const { violations, obligations } = verdict;
  return {
    light: verdict.light,
    decision: verdict.decision,
    policyHeight: verdict.policyHeight,
    operation: facts.operation,
    user: facts.user,
    requestUid: facts.requestUid,
    violations: violations.slice(0, MAX_VIOLATIONS).map(violationDetails),
    obligations: obligations.slice(0, MAX_OBLIGATIONS).map(({ type, rule, parameters }) => ({
      type,
      rule,
      parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, short(value)])),
    })),
    ...(verdict.exceptions ? { exceptions: verdict.exceptions.slice(0, MAX_EXCEPTIONS).map(exceptionDetails), without: withoutDetails(verdict.without!) } : {}),
    ...(violations.length > MAX_VIOLATIONS ? { violationsLeftOut: violations.length - MAX_VIOLATIONS } : {}),
    ...(obligations.length > MAX_OBLIGATIONS ? { obligationsLeftOut: obligations.length - MAX_OBLIGATIONS } : {}),
  };
}

function violationDetails({ kind, name, rule, clause, regulation, message, cure }: Violation): Record<string, string> {
  return { kind, name, rule, clause: short(clause), regulation, message: short(message), cure: short(cure) };
}

function exceptionDetails({ reason, ...exception }: AppliedException): Record<string, unknown> {
  return { ...exception, reason: short(reason) };
}

/** What would have been decided without the exceptions. */
function withoutDetails({ decision, light, message }: NonNullable<Verdict['without']>): Record<string, string> {
  return { decision, light, message: short(message) };
}
