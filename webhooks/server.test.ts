// The HTTPS port takes AdmissionReviews and nothing else: whatever else comes gets a 4xx or a closed connection, and the server goes on.
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import https from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate, makeAuthority, type PemPair } from '../e2e/cluster/pki/certificates.js';
import { allowQuietly } from './admission/review.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics.js';
import { createApp, createHealthServer, createHttpsServer, MAX_BODY_BYTES } from './server.js';
import { selfMade, type ServingCertificate } from './tls/certificates.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'enc-webhooks-'));
const metrics = createMetrics();
const logger = createLogger('error');
logger.silent = true;
const answers = {
  validate: async () => ({ answer: allowQuietly, decision: 'allowed' as const, code: 'Green' }),
  mutate: async () => ({ answer: allowQuietly, decision: 'not-concerned' as const, code: 'Unchanged' }),
};
let serving: ServingCertificate;
let server: https.Server;
let guarded: https.Server;
let health: Server;
let client: PemPair;
let ready = false;
const portOf = (of: Server | https.Server) => (of.address() as AddressInfo).port;
const listen = (of: Server | https.Server) => new Promise<void>((resolve) => of.listen(0, '127.0.0.1', resolve));

beforeAll(async () => {
  serving = await selfMade(folder, '127.0.0.1', new Date());
  const app = createApp(answers, metrics, logger);
  server = createHttpsServer(app, serving);
  const authority = await makeAuthority('clients');
  client = await issueCertificate(authority, { commonName: 'kube-apiserver', usage: ['client'] });
  guarded = createHttpsServer(app, serving, authority.certificate);
  health = createHealthServer(metrics, () => ready);
  await Promise.all([server, guarded, health].map(listen));
});
afterAll(() => {
  for (const one of [server, guarded, health]) {
    one.closeAllConnections();
    one.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Got {
  status: number;
  body: { error?: { code: string; message: string }; response?: object };
}
function send(
  body: string | Buffer,
  {
    method = 'POST',
    where = '/validate',
    headers = {},
    to = server as https.Server,
    ...client
  }: Record<string, unknown> & { method?: string; where?: string; headers?: object; to?: https.Server } = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: portOf(to),
      path: where,
      method,
      ca: serving.authority,
      agent: false as const,
      headers: { 'content-type': 'application/json', ...headers },
      ...client,
    };
    const sent = https.request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(Buffer.concat(chunks).toString()) as Got['body'] }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const review = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'u1', kind: { kind: 'Pod' }, resource: { resource: 'pods' }, operation: 'CREATE', userInfo: {} },
});

describe('the HTTPS port', () => {
  it('answers reviews under a certificate that its authority vouches for', async () => {
    expect(await send(review)).toEqual({
      status: 200,
      body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'u1', allowed: true } },
    });
    expect((await send(review, { where: '/mutate?timeout=10s' })).status).toBe(200);
  });

  it.each<[string, () => Promise<Got>, number, string]>([
    ['no JSON', () => send('{"kind": oops'), 400, 'MalformedRequest'],
    ['an encoding of its text that is unusual', () => send('oops', { headers: { 'content-type': 'application/json; charset=utf-8' } }), 400, 'MalformedRequest'],
    ['an empty body', () => send(''), 400, 'MalformedReview'],
    ['another object', () => send('{"kind":"Pod"}'), 400, 'MalformedReview'],
    ['bytes that are no text', () => send(Buffer.from([0xff, 0xfe, 0x00])), 400, 'MalformedRequest'],
    ['more than 4 MiB', () => send(`"${'x'.repeat(MAX_BODY_BYTES)}"`), 413, 'TooLarge'],
    ['an unknown encoding', () => send(review, { headers: { 'content-encoding': 'secret' } }), 415, 'MalformedRequest'],
    ['another path', () => send(review, { where: '/' }), 404, 'NotFound'],
    ['another method', () => send('', { method: 'GET' }), 405, 'MethodNotAllowed'],
  ])('refuses %s', async (_name, request, status, code) => {
    const got = await request();
    expect({ status: got.status, code: got.body.error?.code }).toEqual({ status, code });
    expect((await send(review)).status).toBe(200);
  });

  const closed = (socket: NodeJS.EventEmitter) => new Promise<void>((resolve) => socket.once('close', () => resolve()).on('error', () => undefined));

  it('closes a connection that speaks no TLS', async () => {
    const socket = connect(portOf(server), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed(socket);
    expect((await send(review)).status).toBe(200);
  });

  it('closes a connection that is too slow with its headers, and one that never sends its body', async () => {
    const slow = (text: string) => {
      const socket = tls.connect({ port: portOf(server), host: '127.0.0.1', ca: serving.authority });
      socket.write(text);
      socket.resume();
      return closed(socket);
    };
    await Promise.all([slow('POST /validate HTTP/1.1\r\nhost: x\r\n'), slow('POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{')]);
    expect((await send(review)).status).toBe(200);
  }, 20_000);

  it('with a client authority, answers only who shows its certificate', async () => {
    await expect(send(review, { to: guarded })).rejects.toThrow();
    expect((await send(review, { to: guarded, cert: client.certificate, key: client.key })).status).toBe(200);
    await expect(send(review, { to: guarded, cert: serving.certificate, key: serving.key })).rejects.toThrow();
  });

  it('takes another certificate without a restart', async () => {
    const other = await selfMade(path.join(folder, 'other'), '127.0.0.1', new Date());
    server.setSecureContext({ cert: other.certificate, key: other.key });
    await expect(send(review)).rejects.toThrow(/certificate/);
    expect((await send(review, { ca: other.authority })).status).toBe(200);
    server.setSecureContext({ cert: serving.certificate, key: serving.key });
  });
});

describe('the port for health and metrics', () => {
  const get = async (where: string) => {
    const response = await fetch(`http://127.0.0.1:${portOf(health)}${where}`);
    return [response.status, await response.text()] as const;
  };
  it('says that it lives, whether it is ready, and what it has answered', async () => {
    expect(await get('/healthz')).toEqual([200, 'ok']);
    expect((await get('/readyz'))[0]).toBe(503);
    ready = true;
    expect((await get('/readyz'))[0]).toBe(200);
    await send(review);
    const [, text] = await get('/metrics');
    expect(text).toMatch(/enc_webhook_answers_total\{resource="pods",operation="CREATE",decision="allowed",code="Green"\} \d+/);
    expect(text).toMatch(/enc_webhook_malformed_total [1-9]/);
    expect((await get('/'))[0]).toBe(404);
  });
});
