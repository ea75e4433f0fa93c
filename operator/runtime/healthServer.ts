// Serves /healthz, /readyz and /metrics; anything else is 404, any method but GET 405.
import http from 'node:http';
import type { Registry } from 'prom-client';

export interface HealthOptions {
  host: string;
  port: number;
  registry: Registry;
  /** Undefined when ready, else what is not. */
  notReady: () => string | undefined;
}

const REQUEST_MS = 5_000;

async function answer(path: string, { registry, notReady }: HealthOptions): Promise<{ status: number; body: string; type?: string }> {
  if (path === '/healthz') return { status: 200, body: 'ok\n' };
  if (path === '/readyz') {
    const why = notReady();
    return why === undefined ? { status: 200, body: 'ok\n' } : { status: 503, body: `${why}\n` };
  }
  if (path === '/metrics') return { status: 200, body: await registry.metrics(), type: registry.contentType };
  return { status: 404, body: 'there are /healthz, /readyz and /metrics\n' };
}

/** Rejects when the port cannot be had. */
export async function startHealthServer(options: HealthOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = http.createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 8_192 }, (request, response) => {
    const send = (status: number, body: string, type = 'text/plain; charset=utf-8') => response.writeHead(status, { 'content-type': type }).end(body);
    request.resume();
    if (request.method !== 'GET') return void send(405, 'only GET\n');
    answer((request.url ?? '').split('?')[0]!, options).then(
      ({ status, body, type }) => send(status, body, type),
      () => send(500, 'the metrics could not be collected\n'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
