// The validator's HTTP API: the routes' table on express, with limits, and errors mapped in one place.
import { createServer, type RequestListener, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { NodeError } from '../nodeError.js';
import { ApiError, errorAnswer } from './apiError.js';
import { blockRoutes } from './blockRoutes.js';
import type { ApiContext } from './context.js';
import { eventRoutes } from './eventRoutes.js';
import { historyRoutes } from './historyRoutes.js';
import { logRoutes } from './logRoutes.js';
import { openApiDocument } from './openApi.js';
import { receiptRoutes } from './receiptRoutes.js';
import { readParameters, type Route } from './route.js';
import { snapshotRoutes } from './snapshotRoutes.js';
import { stateRoutes } from './stateRoutes.js';
import { tileRoutes } from './tileRoutes.js';
import { statusRoutes } from './statusRoutes.js';
import { submissionListener } from './submissionListener.js';
import { MAX_BODY_BYTES, transactionRoutes } from './transactionRoutes.js';
import { validatorRoutes } from './validatorRoutes.js';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_TIMEOUTS_EVERY_MS = 2_000;
const KEEP_ALIVE_MS = 65_000;
const MAX_CONNECTIONS = 2_048;

function apiRoutes(context: ApiContext): Route[] {
  const parts = [statusRoutes, blockRoutes, stateRoutes, transactionRoutes, receiptRoutes, historyRoutes, logRoutes, tileRoutes, eventRoutes, validatorRoutes, snapshotRoutes];
  const routes = parts.flatMap((part) => part(context));
  const document: Route = {
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    answer: { type: 'object' },
    handle: () => openApiDocument([...routes, document], context.version),
  };
  return [...routes, document];
}

export function apiListener(context: ApiContext): RequestListener {
  return submissionListener(context, apiApplication(context) as RequestListener);
}

function apiApplication(context: ApiContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.json({ limit: MAX_BODY_BYTES, strict: true }));
  const routes = apiRoutes(context);
  for (const route of routes) app[route.method](expressPath(route.path), run(route));
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    app.all(expressPath(path), ({ method }, response) => {
      response.setHeader('allow', allowed.join(', '));
      throw new ApiError('MethodNotAllowed', `${method} is not possible here; use ${allowed.join(' or ')}`);
    });
  }
  app.use(({ method, path }) => {
    throw new ApiError('NotFound', `there is no ${method} ${path.slice(0, 120)}; see /openapi.json`);
  });
  app.use(answerError(context));
  return app;
}

/** {name*} takes the rest of the path, its slashes included. */
const expressPath = (path: string): string => path.replace(/\{(\w+)\*\}/g, '*$1').replace(/\{(\w+)\}/g, ':$1');
const joined = (parameters: Record<string, string | string[]>) => Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, Array.isArray(value) ? value.join('/') : value]));

function run(route: Route): RequestHandler {
  return async (request, response) => {
    const answer = await route.handle(readParameters(route, joined(request.params), request.query), request, response);
    if (!response.headersSent) response.status(route.status ?? 200).json(answer);
  };
}

function answerError(context: ApiContext): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const answer = errorAnswer(error, (unforeseen) => context.report(unforeseen, `${request.method} ${request.path}`));
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.status(answer.status).json(answer.body);
  };
}

/** Listens on the address. Throws NodeError 'PortInUse' naming `flag`. */
export async function listen(listener: RequestListener, { host, port, flag }: { host: string; port: number; flag: string }): Promise<Server> {
  const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS };
  const server = createServer({ ...timeouts, connectionsCheckingInterval: CHECK_TIMEOUTS_EVERY_MS }, listener);
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is in use; stop what uses it or choose another' : `cannot be opened (${cause.code ?? cause.message})`;
      reject(new NodeError('PortInUse', `${flag} ${port}: the port on ${host} ${why}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return server;
}

export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
