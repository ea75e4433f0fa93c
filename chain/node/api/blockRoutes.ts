// GET /v1/blocks/{height}, /v1/headers.
import { ApiError } from './apiError.js';
import { mustBeKept, mustHaveHeader } from './pruned.js';
import type { ApiContext } from './context.js';
import type { Route } from './route.js';

const MAX_HEADERS = 500;

export function blockRoutes({ store }: ApiContext): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/blocks/{height}',
      summary: 'A final block with its certificate and the statements of its receipts',
      parameters: [
        { name: 'height', in: 'path', description: 'a height from 1, or "latest"', type: 'integer', required: true, minimum: 1, pattern: '^(latest|[0-9]{1,16})$' },
      ],
      answer: { type: 'object', required: ['header', 'certificate', 'transactions', 'statements'] },
      handle: ({ height }) => {
        const wanted = height === 'latest' ? store.height : (height as number);
        const block = store.block(wanted);
        mustBeKept(store, wanted);
        if (!block) throw new ApiError('NotFound', `block ${wanted} is not final; the latest is ${store.height}`, 'height');
        return block;
      },
    },
    {
      method: 'get',
      path: '/v1/headers',
      summary: 'Headers with their certificates, in order',
      parameters: [
        { name: 'from', in: 'query', description: 'first height', type: 'integer', required: true, minimum: 0 },
        { name: 'limit', in: 'query', description: 'at most so many', type: 'integer', default: MAX_HEADERS, minimum: 1, maximum: MAX_HEADERS },
      ],
      answer: { type: 'array', items: { type: 'object', required: ['header', 'certificate'] } },
      handle: ({ from, limit }) => {
        const first = from as number;
        mustHaveHeader(store, first);
        const count = Math.max(0, Math.min(limit as number, store.height - first + 1));
        return Array.from({ length: count }, (_, i) => store.header(first + i));
      },
    },
  ];
}
