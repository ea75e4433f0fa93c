// The HTTPS server: two paths that take an AdmissionReview, limits that no input gets past, and a second port for health and metrics.
import http from 'node:http';
import https from 'node:https';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { ReviewError, readReview, writeReview, type AdmissionRequest } from './admission/review.js';
import type { Answered } from './answer.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';

export const MAX_BODY_BYTES = 4 * 1024 * 1024;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Node looks for requests that take too long only so often. */
const CHECK_CONNECTIONS_MS = 1_000;
const KEEP_ALIVE_MS = 60_000;
const MAX_CONNECTIONS = 1_024;
const MAX_HEADER_BYTES = 16 * 1024;

export const PATHS = { validate: '/validate', mutate: '/mutate' } as const;
export type Answer = (request: AdmissionRequest) => Promise<Answered>;

const refuseBody: ErrorRequestHandler = (error: { status?: number; message?: string }, _request, response, _next) => {
  const status = error.status && error.status >= 400 && error.status < 500 ? error.status : 400;
  response.status(status).json({
    error: {
      code: status === 413 ? 'TooLarge' : 'MalformedRequest',
      message: status === 413 ? `the body is larger than ${MAX_BODY_BYTES} bytes` : (error.message ?? 'unreadable request'),
    },
  });
};

/** What is answered to one body, and its HTTP status. */
async function reviewed(body: unknown, answer: Answer, metrics: Metrics, logger: Logger): Promise<{ status: number; content: unknown }> {
  const began = process.hrtime.bigint();
  let request: AdmissionRequest;
  try {
    request = readReview(body);
  } catch (error) {
    metrics.malformed.inc();
    const message = error instanceof ReviewError ? error.message : 'unreadable AdmissionReview';
    return { status: 400, content: { error: { code: 'MalformedReview', message } } };
  }
  const answered = await answer(request);
  const asked = request.subResource ? `${request.resource.resource}/${request.subResource}` : request.resource.resource;
  // Anybody may send any name here; a metric has a bounded set of them.
  const resource = answered.code === 'NotRegistered' ? 'other' : asked;
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  metrics.answers.inc({ resource, operation: request.operation, decision: answered.decision, code: answered.code });
  metrics.seconds.observe({ resource, decision: answered.decision }, seconds);
  logAnswer(request, asked, answered, seconds, logger);
  return { status: 200, content: writeReview(request.uid, answered.answer) };
}

function logAnswer(request: AdmissionRequest, asked: string, { decision, code, detail, receiptId }: Answered, seconds: number, logger: Logger): void {
  const level = decision === 'failed' ? 'error' : decision === 'not-concerned' ? 'debug' : 'info';
  if (!logger.isLevelEnabled(level)) return;
  const { namespace, name, user, uid, dryRun } = request;
  const milliseconds = Math.round(seconds * 10_000) / 10;
  logger.log(level, `${decision} ${request.operation} ${asked}`, { code, detail, namespace, name, user, uid, receiptId, milliseconds, dryRun: dryRun || undefined });
}

function send(response: http.ServerResponse, { status, content }: { status: number; content: unknown }): void {
  const text = JSON.stringify(content);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Bytes of a body as the API server sends it; undefined for what is unusual in any way. */
function plainBytes({ method, headers }: http.IncomingMessage): number | undefined {
  if (method !== 'POST' || headers['content-type'] !== 'application/json' || headers['content-encoding'] !== undefined || headers.expect !== undefined) return undefined;
  const bytes = Number(headers['content-length']);
  return bytes > 0 && bytes <= MAX_BODY_BYTES ? bytes : undefined;
}

function parsed(body: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}

/** What the API server asks is answered without the framework, which costs more than reading the review; everything else goes to it, for it knows every answer. */
export function createListener(answers: { validate: Answer; mutate: Answer }, metrics: Metrics, logger: Logger): http.RequestListener {
  const app = createApp(answers, metrics, logger);
  const byPath = new Map(Object.entries(PATHS).map(([name, path]) => [path as string, answers[name as keyof typeof PATHS]]));
  return (request, response) => {
    const answer = byPath.get(request.url!.split('?', 1)[0]!);
    const bytes = answer && plainBytes(request);
    if (bytes === undefined) return void app(request, response);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = parsed(Buffer.concat(chunks, bytes));
      if (body) void reviewed(body.value, answer!, metrics, logger).then((what) => send(response, what), () => response.destroy());
      else send(response, { status: 400, content: { error: { code: 'MalformedRequest', message: 'the body is no JSON' } } });
    });
  };
}

function createApp(answers: { validate: Answer; mutate: Answer }, metrics: Metrics, logger: Logger): Express {
  const app = express().disable('x-powered-by').disable('etag');
  const json = express.json({ limit: MAX_BODY_BYTES, type: () => true });
  for (const name of ['validate', 'mutate'] as const) {
    app.post(PATHS[name], json, async (request, response) => {
      const { status, content } = await reviewed(request.body, answers[name], metrics, logger);
      response.status(status).json(content);
    });
    app.all(
      PATHS[name],
      (_request, response) => void response.status(405).json({ error: { code: 'MethodNotAllowed', message: 'use POST with an AdmissionReview' } }),
    );
  }
  app.use(
    (_request, response) =>
      void response.status(404).json({ error: { code: 'NotFound', message: `paths are ${Object.values(PATHS).join(' and ')}` } }),
  );
  app.use(refuseBody);
  return app;
}

const limits = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
};

/** With `clientAuthority` (PEM), only who shows a certificate of it is answered: the API server, when it is configured with one. */
export function createHttpsServer(listener: http.RequestListener, pair: { certificate: string; key: string }, clientAuthority?: string): https.Server {
  const clients = clientAuthority === undefined ? {} : { ca: clientAuthority, requestCert: true, rejectUnauthorized: true };
  const server = https.createServer(
    { ...limits, ...clients, cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_TIMEOUT_MS },
    listener,
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** /healthz: the process lives. /readyz: it can decide. /metrics. */
export function createHealthServer(metrics: Metrics, ready: () => boolean): http.Server {
  const app = express().disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.send('ok'));
  app.get('/readyz', (_request, response) => void response.status(ready() ? 200 : 503).send(ready() ? 'ok' : 'the chain is not followed yet'));
  app.get('/metrics', async (_request, response) => void response.type(metrics.registry.contentType).send(await metrics.registry.metrics()));
  app.use((_request, response) => void response.status(404).send('not found'));
  return http.createServer(limits, app);
}
