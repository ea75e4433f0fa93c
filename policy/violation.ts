// Builds the reasons that verdicts quote.
import type { Clause } from '../api/index.js';
import type { Violation } from './types.js';

const regulationOf = (clause: Pick<Clause, 'regulation' | 'article'>): string => [clause.regulation, clause.article].filter(Boolean).join(' ');

export function violationOf(of: Pick<Violation, 'kind' | 'name' | 'rule' | 'message' | 'action'>, clause: Clause, defaultCure: string): Violation {
  return { ...of, clause: clause.text, regulation: regulationOf(clause), cure: clause.cure ?? defaultCure };
}

/** What refuses before any policy is asked: `code` in CamelCase. */
export function guard(code: string, message: string, cure: string): Violation {
  return { kind: 'Guard', name: code, rule: '', clause: '', regulation: '', message, cure, action: 'reject_workload' };
}
