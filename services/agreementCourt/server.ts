// The court's HTTP server: the routes' table on express, its OpenAPI document, and every error mapped in one place.
import { createServer, type Server } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { CourtError, courtErrorOf } from './courtError.js';
import { courtRoutes, type CourtContext, type CourtRoute } from './routes.js';

const MAX_BODY_BYTES = 600 * 1024;

/** `report` gets what nobody foresaw. */
export function courtApplication(context: CourtContext, report: (error: unknown) => void): Express {
  const routes = courtRoutes(context);
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: MAX_BODY_BYTES, strict: true }));
  app.get('/openapi.json', (_request, response) => void response.json(openApi(routes)));
  for (const route of routes) {
    app[route.method](expressPath(route.path), (request, response, next) => void answer(route, request, response).catch(next));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    app.all(expressPath(path), ({ method }, response) => {
      response.setHeader('allow', allowed.join(', '));
      throw new CourtError('MethodNotAllowed', `${method} is not possible here; use ${allowed.join(' or ')}`);
    });
  }
  app.use(({ method, path }) => {
    throw new CourtError('NotFound', `there is no ${method} ${path.slice(0, 120)}; see /openapi.json`);
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const known = courtErrorOf(error);
    if (known.code === 'Internal') report(error);
    response.status(known.status).json(known.body);
  });
  return app;
}

const expressPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

async function answer(route: CourtRoute, request: Request, response: Response): Promise<void> {
  const unknown = Object.keys(request.query).find((name) => !(route.query ?? []).includes(name));
  if (unknown !== undefined) throw new CourtError('BadRequest', `unknown parameter "${unknown.slice(0, 80)}"; there are ${(route.query ?? []).join(', ') || 'none here'}`, 'query');
  const result: unknown = await route.handle({ path: request.params as Record<string, string>, query: request.query, body: request.body as unknown });
  response.status(route.status ?? 200).json(result);
}

function openApi(routes: CourtRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path, summary, status = 200, query = [] } of routes) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9a-f]{64}$' } }));
    const inQuery = query.map((name) => ({ name, in: 'query', required: false, schema: { type: 'string' } }));
    const body = method === 'post' ? { requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } } } : {};
    (paths[path] ??= {})[method] = { summary, parameters: [...inPath, ...inQuery], ...body, responses: { [status]: { description: 'Answer' }, '4XX': { description: 'Refused' } } };
  }
  return { openapi: '3.1.0', info: { title: 'Agreement Court', version: '1', description: 'What is read is proved by a certified header; what is written was signed by whoever it binds.' }, paths };
}

/** Throws CourtError 'Unavailable' naming the port when it cannot be opened. */
export async function listen(app: Express, host: string, port: number): Promise<Server> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, app);
  server.maxConnections = 1_024;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(new CourtError('Unavailable', `--court-api-port ${port}: cannot be opened (${cause.code}); stop what uses it or choose another`, 'court-api-port', { cause })));
    server.listen(port, host, resolve);
  });
  return server;
}
