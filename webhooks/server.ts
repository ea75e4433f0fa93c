// The HTTPS server: two paths that take an AdmissionReview, limits that no input gets past, and a second port for health and metrics.
import http from 'node:http';
import https from 'node:https';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
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

function handler(answer: Answer, metrics: Metrics, logger: Logger) {
  return async (incoming: Request, response: Response) => {
    const began = process.hrtime.bigint();
    let request: AdmissionRequest;
    try {
      request = readReview(incoming.body);
    } catch (error) {
      metrics.malformed.inc();
      const message = error instanceof ReviewError ? error.message : 'unreadable AdmissionReview';
      response.status(400).json({ error: { code: 'MalformedReview', message } });
      return;
    }
    const { answer: given, decision, code, detail, receiptId } = await answer(request);
    response.json(writeReview(request.uid, given));
    const asked = request.subResource ? `${request.resource.resource}/${request.subResource}` : request.resource.resource;
    // Anybody may send any name here; a metric has a bounded set of them.
    const resource = code === 'NotRegistered' ? 'other' : asked;
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    metrics.answers.inc({ resource, operation: request.operation, decision, code });
    metrics.seconds.observe({ resource, decision }, seconds);
    const level = decision === 'failed' ? 'error' : decision === 'not-concerned' ? 'debug' : 'info';
    const { namespace, name, user, uid } = request;
    const milliseconds = Math.round(seconds * 10_000) / 10;
    if (!logger.isLevelEnabled(level)) return;
    logger.log(level, `${decision} ${request.operation} ${asked}`, {
      code,
      detail,
      namespace,
      name,
      user,
      uid,
      receiptId,
      milliseconds,
      dryRun: request.dryRun || undefined,
    });
  };
}

export function createApp(answers: { validate: Answer; mutate: Answer }, metrics: Metrics, logger: Logger): Express {
  const app = express().disable('x-powered-by').disable('etag');
  const json = express.json({ limit: MAX_BODY_BYTES, type: () => true });
  for (const name of ['validate', 'mutate'] as const) {
    app.post(PATHS[name], json, handler(answers[name], metrics, logger));
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
export function createHttpsServer(app: Express, pair: { certificate: string; key: string }, clientAuthority?: string): https.Server {
  const clients = clientAuthority === undefined ? {} : { ca: clientAuthority, requestCert: true, rejectUnauthorized: true };
  const server = https.createServer(
    { ...limits, ...clients, cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_TIMEOUT_MS },
    app,
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
