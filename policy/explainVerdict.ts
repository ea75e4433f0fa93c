// Tells a verdict in lines for people: the decision, what violated what, every flow's light, and the rules that were asked.
import { describeViolation } from './message.js';
import type { Verdict } from './types.js';

export function explainVerdict(verdict: Verdict): string[] {
  const { decision, light, policyHeight, legal, violations, flows, obligations, evaluated, allowedRegions } = verdict;
  return [
    `${decision === 'allow' ? 'allowed' : 'refused'}, ${light}, by the policies of height ${policyHeight}`,
    `court: ${legal.compliant ? '' : 'not compliant: '}${legal.reason}`,
    ...violations.map((violation) => `${violation.action === 'audit' ? 'audit' : 'violates'}: ${describeViolation(violation)}`),
    ...flows.map((flow) => `flow ${flow.sourceRegion} → ${flow.destinationRegion}: ${flow.light} (${flow.reason})`),
    ...obligations.map(({ type, parameters, rule }) => `obligation of ${rule}: ${type} ${Object.entries(parameters).map(([key, value]) => `${key}=${value}`).join(' ')}`.trimEnd()),
    ...(allowedRegions ? [`may be placed in: ${allowedRegions.join(', ')}`] : []),
    ...evaluated.map(({ kind, name, rule, outcome, reason }) => (outcome === 'no-match' ? reason : `${outcome}: ${kind} ${name}${rule ? `/${rule}` : ''}${reason ? `: ${reason}` : ''}`)),
  ];
}
