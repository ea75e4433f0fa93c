// GET /v1/status, /v1/halt, /v1/genesis, /healthz, /readyz.
import { ApiError } from './apiError.js';
import type { ApiContext } from './context.js';
import type { Route } from './route.js';

export function statusRoutes(context: ApiContext): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/status',
      summary: 'Where this validator is, whom it hears, and whether the chain is halted and why',
      answer: { type: 'object', required: ['chainId', 'height', 'headHash', 'validators', 'halted'] },
      handle: () => context.status(),
    },
    {
      method: 'get',
      path: '/v1/halt',
      summary: 'A DSSE envelope signed by this validator that says which validators are missing since when; null when the chain moves',
      answer: { oneOf: [{ type: 'object' }, { type: 'null' }] },
      handle: () => context.haltStatement() ?? null,
    },
    {
      method: 'get',
      path: '/v1/genesis',
      summary: 'The genesis document',
      answer: { type: 'object' },
      handle: () => context.genesis,
    },
    {
      method: 'get',
      path: '/healthz',
      summary: 'The process answers',
      answer: { type: 'object' },
      handle: () => ({ ok: true }),
    },
    {
      method: 'get',
      path: '/readyz',
      summary: 'A certified block is there and the chain is not halted',
      answer: { type: 'object' },
      handle: () => {
        const { height, halted, syncing } = context.status();
        if (height === 0 || halted || syncing) {
          throw new ApiError('NotYet', halted ? 'the chain is halted; see /v1/status' : syncing ? 'catching up with the other validators' : 'no block is final yet');
        }
        return { ok: true, height };
      },
    },
  ];
}
