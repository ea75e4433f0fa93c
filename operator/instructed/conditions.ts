// Whether the chain has taken what an object carries: the same question for Proposals and Disputes.
import type { ConditionInput } from '../../api/conditions.js';
import type { Instructed, SeenInstructed } from './instructedKind.js';

export function acceptedCondition<R extends Instructed, Record extends { height: number }>({ id, record, waiting, refused }: SeenInstructed<R, Record>, sign: string): ConditionInput {
  const type = 'Accepted';
  if (id === undefined) return { type, status: 'False', reason: 'MissingSignature', message: `a draft: ${sign}` };
  if (refused) return { type, status: 'False', reason: refused.code, message: refused.reason };
  if (!record) return { type, status: 'Unknown', reason: 'Pending', message: 'waiting for the ledger' };
  const rest = waiting.length === 0 ? '' : `; ${waiting.length} later signatures are not on it`;
  return { type, status: 'True', reason: 'Finalised', message: `on the chain since height ${record.height}${rest}` };
}
