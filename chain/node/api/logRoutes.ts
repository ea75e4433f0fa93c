// GET /v1/log/frontier, /v1/log/proof, /v1/log/consistency: the receipt log's proofs (RFC 9162, section 2.1).
import { ApiError } from './apiError.js';
import type { ApiContext } from './context.js';
import { pruned } from './pruned.js';
import type { Parameter, Route, Values } from './route.js';

const number = (name: string, description: string): Parameter => ({ name, in: 'query', description, type: 'integer', required: true });

export function logRoutes({ store, head }: ApiContext): Route[] {
  const within = (values: Values, small: string, large: string, strict: boolean): [number, number] => {
    const [a, b] = [values[small] as number, values[large] as number];
    const size = head().header.logSize;
    const known = store.header(store.headersFrom)!.header.logSize;
    for (const [name, value] of [[small, a], [large, b]] as const) if (name !== 'zero' && value < known) throw pruned(store, `what is proved of the log's first ${known} receipts is`);
    if (b > size) throw new ApiError('BadRequest', `parameter "${large}" is ${b}, the log has ${size} leaves`, large);
    if (strict ? a >= b : a > b) throw new ApiError('BadRequest', `parameter "${small}" is ${a}, expected ${strict ? 'less than' : 'at most'} ${b}`, small);
    return [a, b];
  };
  return [
    {
      method: 'get',
      path: '/v1/log/frontier',
      summary: 'Hashes of the complete subtrees at the right edge of the log at a size, the largest first',
      parameters: [number('size', 'leaves')],
      answer: { type: 'object', required: ['size', 'frontier'] },
      handle: (values) => {
        const [, size] = within({ ...values, zero: 0 }, 'zero', 'size', false);
        return { size, frontier: store.logTables.frontier(size).toJson().hashes };
      },
    },
    {
      method: 'get',
      path: '/v1/log/proof',
      summary: 'Inclusion proof of a leaf in the log at a size',
      parameters: [number('index', 'index of the leaf'), number('size', 'leaves')],
      answer: { type: 'object', required: ['leafIndex', 'treeSize', 'path'] },
      handle: (values) => {
        const [leafIndex, treeSize] = within(values, 'index', 'size', true);
        return store.log.inclusionProof(leafIndex, treeSize);
      },
    },
    {
      method: 'get',
      path: '/v1/log/consistency',
      summary: 'Proof that the log at one size extends the log at an earlier one',
      parameters: [number('from', 'earlier size'), number('to', 'later size')],
      answer: { type: 'object', required: ['from', 'to', 'path'] },
      handle: (values) => {
        const [from, to] = within(values, 'from', 'to', false);
        return { from, to, path: store.log.consistencyProof(from, to) };
      },
    },
  ];
}
