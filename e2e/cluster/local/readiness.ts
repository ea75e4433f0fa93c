// Asks components of the control plane whether they are ready, over TLS as the administrator.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { Pki } from '../pki/ensurePki.js';

const TIMEOUT_MS = 3_000;

export interface Answer {
  status: number;
  body: string;
}
export interface Credentials {
  ca?: string;
  cert?: string;
  key?: string;
  /** The controller manager's and the scheduler's own certificates are self-made; only their health is asked, and nothing is sent. */
  anyServer?: boolean;
}

export function httpsGet(url: string, { ca, cert, key, anyServer }: Credentials): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { ca, cert, key, rejectUnauthorized: !anyServer, agent: false, timeout: TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', reject);
    });
    request.once('timeout', () => request.destroy(new Error(`${url}: no answer within ${TIMEOUT_MS} ms`)));
    request.once('error', reject);
  });
}

export const adminCredentials = (pki: Pki): Credentials => ({
  ca: readFileSync(pki.authority('cluster'), 'utf8'),
  cert: readFileSync(pki.certificate('admin'), 'utf8'),
  key: readFileSync(pki.key('admin'), 'utf8'),
});

async function mustBeOk(url: string, credentials: Credentials): Promise<true> {
  const { status, body } = await httpsGet(url, credentials);
  if (status !== 200) throw new Error(`${url} answers ${status}: ${body.trim().split('\n').slice(-3).join(' ')}`);
  return true;
}

export const apiServerIsReady = (port: number, pki: Pki): Promise<true> => mustBeOk(`https://127.0.0.1:${port}/readyz`, adminCredentials(pki));
export const defaultNamespaceExists = (port: number, pki: Pki): Promise<true> =>
  mustBeOk(`https://127.0.0.1:${port}/api/v1/namespaces/default`, adminCredentials(pki));
export const controllerIsHealthy = (port: number): Promise<true> => mustBeOk(`https://127.0.0.1:${port}/healthz`, { anyServer: true });

/** etcd is asked as its client, the API server. */
export const etcdIsHealthy = (port: number, pki: Pki): Promise<true> =>
  mustBeOk(`https://127.0.0.1:${port}/health`, {
    ca: readFileSync(pki.authority('etcd'), 'utf8'),
    cert: readFileSync(pki.certificate('etcd-client'), 'utf8'),
    key: readFileSync(pki.key('etcd-client'), 'utf8'),
  });
