// GET /v1/events: final blocks as server-sent events, read from the store at the listener's pace; none is kept in memory for a slow one.
import { once } from 'node:events';
import type { Request, Response } from 'express';
import { ApiError } from './apiError.js';
import type { ApiContext } from './context.js';
import { mustBeKept } from './pruned.js';
import type { Route } from './route.js';

const HEARTBEAT_MS = 5_000;
const MAX_STREAMS = 256;
/** A listener that takes nothing for so long is cut off; it can resume where it was. */
const STALLED_MS = 60_000;

export function eventRoutes(context: ApiContext): Route[] {
  let streams = 0;
  return [
    {
      method: 'get',
      path: '/v1/events',
      summary: 'Stream of final blocks: event "block", id = height, data = the block; a comment where nothing came for 5 s',
      parameters: [{ name: 'from', in: 'query', description: 'first height; the next block when left out', type: 'integer', minimum: 1 }],
      answer: { type: 'string', description: 'text/event-stream' },
      handle: async ({ from }, request, response) => {
        const first = resumeHeight(request) ?? (from as number | undefined) ?? context.store.height + 1;
        mustBeKept(context.store, first);
        if (streams >= MAX_STREAMS) throw new ApiError('TooManyStreams', `${MAX_STREAMS} streams are open; try another validator`);
        streams += 1;
        try {
          await stream(context, first, response);
        } finally {
          streams -= 1;
        }
        return undefined;
      },
    },
  ];
}

function resumeHeight(request: Request): number | undefined {
  const last = request.get('last-event-id');
  if (last === undefined || last === '') return undefined;
  if (!/^\d{1,15}$/.test(last)) throw new ApiError('BadRequest', `header Last-Event-ID is "${last.slice(0, 40)}", expected a height`, 'Last-Event-ID');
  return Number(last) + 1;
}

async function stream({ store, onCommit }: ApiContext, first: number, response: Response): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  response.write(': blocks\n\n');
  const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT_MS);
  let wake = (): void => undefined;
  const unsubscribe = onCommit(() => wake());
  closed.signal.addEventListener('abort', () => wake());
  try {
    for (let height = first; !closed.signal.aborted; ) {
      if (height < store.bodiesFrom) return; // dropped before this listener took it: it is told when it asks again
      const block = height <= store.height ? store.block(height) : undefined;
      if (!block) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      const flowing = response.write(`event: block\nid: ${height}\ndata: ${JSON.stringify(block)}\n\n`);
      height += 1;
      heartbeat.refresh();
      if (!flowing && !closed.signal.aborted) await drained(response, closed.signal);
    }
  } finally {
    clearInterval(heartbeat);
    unsubscribe();
    response.end();
  }
}

async function drained(response: Response, closed: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([closed, AbortSignal.timeout(STALLED_MS)]);
  await once(response, 'drain', { signal }).catch(() => response.destroy());
}
