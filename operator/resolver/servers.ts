// The resolver's two servers: DNS over UDP, and HTTP with the whole decision.
import dgram from 'node:dgram';
import http from 'node:http';
import { decode, encode } from 'dns-packet';
import { dnsAnswer } from './dnsAnswer.js';
import type { ServiceTable } from './serviceTable.js';

/** Resolves when it listens; what cannot be read is not answered. */
export async function startDnsServer(table: ServiceTable, host: string, port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => {
    try {
      socket.send(encode(dnsAnswer(decode(message), (serviceId) => table.get(serviceId))), from.port, from.address);
    } catch {
      // No DNS message: whoever sent it gets no answer.
    }
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  return socket;
}

/** GET /v1/services, GET /v1/services/{namespace}/{name}. */
export async function startHttpServer(table: ServiceTable, host: string, port: number): Promise<http.Server> {
  const server = http.createServer(({ method, url = '/' }, answer) => {
    const send = (status: number, body: unknown) => answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (method !== 'GET') return send(405, { error: { code: 'MethodNotAllowed', message: 'use GET' } });
    if (url === '/v1/services') return send(200, table.list());
    const serviceId = /^\/v1\/services\/([^/?]+\/[^/?]+)$/.exec(url)?.[1];
    const resolved = serviceId === undefined ? undefined : table.get(serviceId);
    return resolved ? send(200, resolved) : send(404, { error: { code: 'NotFound', message: `there is no service at ${url.slice(0, 200)}; ask for /v1/services` } });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
