// GET /v1/log/checkpoint, /v1/log/tile/…: the receipt log as C2SP tlog-tiles, for clients and monitors that others wrote. Prefix URL: /v1/log.
import type { Response } from 'express';
import { LogError } from '../../../receipts/log/receiptLog.js';
import type { BlockStore } from '../storage/blockStore.js';
import { ApiError } from './apiError.js';
import type { ApiContext } from './context.js';
import { pruned } from './pruned.js';
import type { Route, Values } from './route.js';

const FOREVER = 'public, max-age=31536000, immutable';
/** Throws ApiError 'Pruned'. */
function resource(store: BlockStore, path: string): Uint8Array | undefined {
  try {
    return store.log.resource(path);
  } catch (error) {
    if (error instanceof LogError && store.bodiesFrom > 1) throw pruned(store, `${path} is`);
    throw error;
  }
}

const NAME = { in: 'path', type: 'string', required: true } as const;

export function tileRoutes(context: ApiContext): Route[] {
  const tile = ({ level, rest }: Values, response: Response): void => {
    const path = `tile/${level}/${rest}`;
    const bytes = resource(context.store, path);
    if (!bytes) throw new ApiError('NotFound', `the log has no ${path} (yet); its size is in /v1/log/checkpoint`);
    response.setHeader('cache-control', FOREVER);
    response.type('application/octet-stream').send(Buffer.from(bytes));
  };
  return [
    {
      method: 'get',
      path: '/v1/log/checkpoint',
      summary: 'The newest head of the receipt log that a quorum of validators cosigned (C2SP tlog-checkpoint)',
      answer: { type: 'string' },
      handle: (_values, _request, response) => {
        const note = context.checkpoint();
        if (note === undefined) throw new ApiError('NotYet', 'no head was cosigned by a quorum since this validator started; try again in a moment');
        response.setHeader('cache-control', 'no-cache');
        response.type('text/plain; charset=utf-8').send(note);
      },
    },
    {
      method: 'get',
      path: '/v1/log/tile/{level}/{rest*}',
      summary: 'A tile of hashes, or with level "entries" a bundle of receipts\' statements (C2SP tlog-tiles); index in groups of three digits, as x001/067.p/5',
      parameters: [
        { name: 'level', ...NAME, description: 'a level from 0 to 63, or "entries"', pattern: '^(entries|\\d{1,2})$' },
        { name: 'rest', ...NAME, description: 'an index as x001/067, with .p/<width> for a partial tile', pattern: '^(x\\d{3}/){0,5}\\d{3}(\\.p/\\d{1,3})?$' },
      ],
      answer: { type: 'string', format: 'binary' },
      handle: (values, _request, response) => tile(values, response),
    },
  ];
}
