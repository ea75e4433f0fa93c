// Verifies that a list of receipts is all of one scope's between two heights: the statements around the range and the hashes after it lead to the head in the ledger.
import { fromHex, utf8 } from '../../crypto/encoding.js';
import { extendHistory, scopesOf, type HistoryRecord } from '../history.js';
import { leafHash } from '../merkle/treeHash.js';
import { MAX_STATEMENT_BYTES, statementShape } from '../receiptShapes.js';
import { array, hex, integer, object, ShapeError, text } from '../shape.js';
import type { Statement } from '../types.js';

/** `from` and `to` are heights, both included. */
export interface HistoryRange {
  scope: string;
  from: number;
  to: number;
}

/**
 * `statements` are canonical JSON, oldest first: the last receipt before the range where there is one, those of the range, and
 * the first after it where there is one; `before` is the history ahead of them, `later` the leaf hashes (hex) behind them.
 */
export interface HistoryAnswer {
  before: HistoryRecord;
  statements: string[];
  later: string[];
}
export const MAX_HISTORY_STATEMENTS = 10_000;
export const MAX_HISTORY_LATER = 100_000;

/** Members of an answer's shape. */
export const historyAnswerMembers = {
  before: object({ count: integer(), head: hex(32) }),
  statements: array(text(2, MAX_STATEMENT_BYTES), 0, MAX_HISTORY_STATEMENTS + 2),
  later: array(hex(32), 0, MAX_HISTORY_LATER),
};

export type HistoryVerdict = { ok: true; statements: Statement[] } | { ok: false; code: 'Malformed' | 'Incomplete'; message: string };

/** `record` is the ledger's, proved under a certified header of height ≥ `to`. The verdict's statements are those of the range, oldest first. Never throws. */
export function verifyHistory(answer: HistoryAnswer, { scope, from, to }: HistoryRange, record: HistoryRecord): HistoryVerdict {
  let history = answer.before;
  const statements: Statement[] = [];
  for (const [index, payload] of answer.statements.entries()) {
    const statement = read(payload);
    if (typeof statement === 'string') return refuse('Malformed', `statements[${index}]: ${statement}`);
    if (!scopesOf(statement.predicate).includes(scope)) return refuse('Malformed', `statements[${index}] is not of ${scope}`);
    statements.push(statement);
    history = extendHistory(history, leafHash(utf8(payload)));
  }
  for (const leaf of answer.later) history = extendHistory(history, fromHex(leaf, 32));
  if (history.head !== record.head || history.count !== record.count) {
    return refuse('Incomplete', `the receipts of ${scope} lead to ${history.count} with head ${history.head}, the ledger has ${record.count} with head ${record.head}`);
  }
  return within(statements, answer, { scope, from, to });
}

/** The chain is in the order of heights, so one statement on either side shows that the range misses none. */
function within(statements: Statement[], { before, later }: HistoryAnswer, { scope, from, to }: HistoryRange): HistoryVerdict {
  const heightOf = (statement: Statement | undefined): number | undefined => statement?.predicate.blockHeight;
  const inside = statements.filter(({ predicate }) => predicate.blockHeight >= from && predicate.blockHeight <= to);
  if (before.count > 0 && !(heightOf(statements[0])! < from)) return refuse('Incomplete', `the last receipt of ${scope} before block ${from} is not shown`);
  if (later.length > 0 && !(heightOf(statements.at(-1))! > to)) return refuse('Incomplete', `the first receipt of ${scope} after block ${to} is not shown`);
  return { ok: true, statements: inside };
}

function read(payload: string): Statement | string {
  try {
    return statementShape(JSON.parse(payload), 'statement') as Statement;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ShapeError) return error.message;
    throw error;
  }
}

function refuse(code: 'Malformed' | 'Incomplete', message: string): HistoryVerdict {
  return { ok: false, code, message };
}
