// Keeps, for each object, namespace and account, the head of the hash chain over its receipts (receipts/history.ts).
import { EMPTY_HISTORY, historyKey, historySteps, type HistoryRecord, type HistoryStep } from '../../../receipts/history.js';
import type { BuiltStatement } from '../../../receipts/write/buildStatement.js';
import type { Overlay } from '../state.js';

/** Once a block, with all of its receipts in order; gives what each added. */
export function recordHistory(state: Overlay, receipts: readonly Pick<BuiltStatement, 'statement' | 'leafHash'>[]): HistoryStep[] {
  const facts = receipts.map(({ statement: { predicate }, leafHash }) => ({ predicate, leafHash }));
  const steps = historySteps(facts, (scope) => state.read<HistoryRecord>(historyKey(scope)) ?? EMPTY_HISTORY);
  const last = new Map(steps.map(({ scope, after }) => [scope, after]));
  for (const [scope, after] of last) state.write(historyKey(scope), after);
  return steps;
}
