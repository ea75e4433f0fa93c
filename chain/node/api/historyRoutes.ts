// GET /v1/history: all receipts of an object, a namespace or an account in a range of heights, with what shows that none is left out.
import { fromUtf8, toHex } from '../../../crypto/encoding.js';
import { EMPTY_HISTORY, historyKey } from '../../../receipts/history.js';
import { leafHash } from '../../../receipts/merkle/treeHash.js';
import { MAX_HISTORY_LATER, MAX_HISTORY_STATEMENTS, type HistoryAnswer } from '../../../receipts/verify/verifyHistory.js';
import { ApiError } from './apiError.js';
import type { ApiContext } from './context.js';
import { mustHaveHeader, mustHaveReceipt } from './pruned.js';
import type { Parameter, Route } from './route.js';
import { certified } from './stateRoutes.js';

const height = (name: string, description: string): Parameter => ({ name, in: 'query', description, type: 'integer', required: true });

export function historyRoutes(context: ApiContext): Route[] {
  const { store } = context;
  const statementOf = (leaf: number): string => fromUtf8(store.log.entry(leaf));
  const answer = (scope: string, from: number, to: number, head: number): HistoryAnswer => {
    const [previous, beforePrevious] = store.historyBefore(scope, from, 2);
    const inside = [...store.history(scope, from, to)];
    if (inside.length > MAX_HISTORY_STATEMENTS) {
      throw new ApiError('BadRequest', `${inside.length} receipts of ${scope} are in blocks ${from} to ${to}, at most ${MAX_HISTORY_STATEMENTS} are answered; ask for fewer blocks`, 'to');
    }
    const [next, ...rest] = store.history(scope, to + 1, head);
    if (rest.length > MAX_HISTORY_LATER) {
      throw new ApiError('BadRequest', `${scope} has ${rest.length} receipts after block ${to}, at most ${MAX_HISTORY_LATER} are answered; ask for later blocks`, 'to');
    }
    const known = [beforePrevious, previous, ...inside, next].find((entry) => entry !== undefined);
    const isWhole = known === undefined ? store.get(historyKey(scope)) === undefined : beforePrevious !== undefined || known.after.count === 1;
    if (!isWhole) mustHaveHeader(store, 0);
    const shown = [previous, ...inside, next].filter((entry) => entry !== undefined);
    for (const { leaf } of [...shown, ...rest]) mustHaveReceipt(store, leaf);
    return { before: beforePrevious?.after ?? EMPTY_HISTORY, statements: shown.map(({ leaf }) => statementOf(leaf)), later: rest.map(({ leaf }) => toHex(leafHash(store.log.entry(leaf)))) };
  };
  return [
    {
      method: 'get',
      path: '/v1/history',
      summary: 'All receipts of a scope in a range of heights, oldest first, with what shows that none is left out',
      parameters: [
        { name: 'scope', in: 'query', description: 'object/<kind>/<namespace>/<name>, namespace/<name> or account/<public key>', type: 'string', required: true, maxLength: 1_024, pattern: '^(object/[^/]+/[^/]*/[^/]+|namespace/[^/]+|account/[0-9a-f]{64})$' },
        height('from', 'first height'),
        height('to', 'last height'),
      ],
      answer: { type: 'object', required: ['before', 'statements', 'later', 'value', 'proof', 'header', 'certificate'] },
      handle: (values) => {
        const [scope, from, to] = [values.scope as string, values.from as number, values.to as number];
        const { header, certificate, tree } = certified(context);
        if (from > to) throw new ApiError('BadRequest', `parameter "from" is ${from}, expected at most ${to}`, 'from');
        if (to > header.height) throw new ApiError('NotYet', `block ${to} is not final here yet; the head is ${header.height}`);
        const key = historyKey(scope);
        return { ...answer(scope, from, to, header.height), value: store.get(key) ?? null, proof: tree.prove(key), header, certificate };
      },
    },
  ];
}
