// The decision API over HTTP: POST /v1/decisions and /v1/decisions/batch; whatever is sent, the answer is a decision or an error that names its fault.
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { ChainError } from '../../chain/client/chainError.js';
import { ShapeError } from '../../receipts/shape.js';
import type { Decision } from './decide.js';
import type { Metrics } from './metrics.js';
import { MAX_BATCH, openApi } from './openApi.js';
import { readRequest, type Asked } from './readRequest.js';

export const MAX_BODY_BYTES = 1_048_576;

export interface AppParts {
  now(): number;
  decide(asked: Asked): Promise<Decision>;
  ready(): boolean;
  status(): Promise<object>;
  metrics: Metrics;
  /** Of what went wrong here rather than in the request. */
  failed(error: unknown): void;
}

interface Fault {
  status: number;
  code: string;
  message: string;
}

const UNREADABLE: Readonly<Record<number, Fault>> = {
  413: { status: 413, code: 'TooLarge', message: `the body is larger than ${MAX_BODY_BYTES} bytes; send fewer flows at once` },
  415: { status: 415, code: 'UnsupportedMediaType', message: 'send JSON in UTF-8, without a content encoding' },
};

function faultOf(error: unknown): Fault {
  if (error instanceof ShapeError) return { status: 422, code: 'InvalidRequest', message: error.message };
  if (error instanceof ChainError) return { status: 503, code: error.details.refusal?.code ?? error.code, message: `not decided, because the decision could not be recorded: ${error.message}; try again when the validators answer` };
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) return UNREADABLE[status] ?? { status: 400, code: 'MalformedRequest', message: 'the body is no JSON object; send a flow with data, source and destination' };
  return { status: 500, code: 'InternalError', message: 'not decided, because the program failed; its log says why' };
}

function flowsOf(body: unknown): unknown[] {
  const flows = typeof body === 'object' && body !== null && Object.keys(body).join() === 'flows' ? (body as { flows: unknown }).flows : undefined;
  if (!Array.isArray(flows) || flows.length === 0 || flows.length > MAX_BATCH) throw new ShapeError('$.flows', `1 to ${MAX_BATCH} flows and nothing beside`, flows);
  return flows;
}

export function createApp({ now, decide, ready, status, metrics, failed }: AppParts): Express {
  const app = express().disable('x-powered-by');
  const json = express.json({ limit: MAX_BODY_BYTES, type: () => true, inflate: false });
  const only = (method: string): RequestHandler => (request, response) =>
    void response.status(405).set('allow', method).json({ error: { code: 'MethodNotAllowed', message: `use ${method} on ${request.path}` } });

  app.post('/v1/decisions', json, async ({ body }, response) => void response.json(await decide(readRequest(body, now()))));
  app.post('/v1/decisions/batch', json, async ({ body }, response) => {
    // All are read before the first is decided: a batch with a fault leaves no record.
    const asked = flowsOf(body).map((flow, index) => readRequest(flow, now(), `$.flows[${index}]`));
    response.json({ decisions: await Promise.all(asked.map(decide)) });
  });
  for (const path of ['/v1/decisions', '/v1/decisions/batch']) app.all(path, only('POST'));
  app.get('/v1/status', async (_request, response) => void response.json(await status()));
  app.get('/openapi.json', (_request, response) => void response.json(openApi));
  app.get('/healthz', (_request, response) => void response.send('ok'));
  app.get('/readyz', (_request, response) => void response.status(ready() ? 200 : 503).send(ready() ? 'ok' : 'the chain is not followed yet'));
  app.get('/metrics', async (_request, response) => void response.type(metrics.registry.contentType).send(await metrics.registry.metrics()));
  app.use((_request, response) => void response.status(404).json({ error: { code: 'NotFound', message: `paths are ${Object.keys(openApi.paths).join(', ')}, /openapi.json, /healthz, /readyz and /metrics` } }));

  const onError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const { status: code, ...fault } = faultOf(error);
    metrics.refused.inc({ code: fault.code });
    if (code >= 500) failed(error);
    response.status(code).json({ error: fault });
  };
  app.use(onError);
  return app;
}
