// Creates pods over kept connections, so many at a time, half of which the rule accepts and half it refuses; each answer is checked and timed.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { LABELS } from '../../api/labels.js';
import { parse } from 'yaml';

/** Namespace of the measured pods. */
export const NAMESPACE = 'bench';
const IDENTITY = { [LABELS.dataClassification]: 'Restricted', [LABELS.dataRegion]: 'EU' };

/** Even ones stay in the EU; odd ones ask for the US. */
function pod(name: string, accepted: boolean): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, labels: IDENTITY },
    spec: {
      automountServiceAccountToken: false,
      nodeSelector: { [LABELS.region]: accepted ? 'EU' : 'US' },
      containers: [{ name: 'main', image: 'enc.local/demo:1', resources: { requests: { cpu: '1m', memory: '1Mi' } } }],
    },
  });
}

export interface Load {
  /** Milliseconds of each create. */
  took: number[];
  /** Wall clock of the whole, s. */
  seconds: number;
}

export class PodClient {
  readonly #agent: https.Agent;
  readonly #server: URL;
  #run = 0;

  /** The admin kubeconfig of the bare control plane, whose certificates are in it. */
  constructor(kubeconfig: string) {
    const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as {
      clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
      users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
    };
    const decoded = (text: string) => Buffer.from(text, 'base64').toString();
    const { cluster } = clusters[0]!;
    const { user } = users[0]!;
    this.#server = new URL(cluster.server);
    this.#agent = new https.Agent({
      keepAlive: true,
      maxSockets: 64,
      ca: decoded(cluster['certificate-authority-data']),
      cert: decoded(user['client-certificate-data']),
      key: decoded(user['client-key-data']),
    });
  }

  request(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const { hostname, port } = this.#server;
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const sent = https.request({ agent: this.#agent, hostname, port, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** Whether the rule is in force: it refuses what it should. */
  async refuses(): Promise<boolean> {
    const { status } = await this.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`, pod('probe', false));
    return status >= 400 && status < 500;
  }

  /** Rejects on an answer that is not as `refusing` says it has to be. */
  async create(count: number, clients: number, refusing: boolean): Promise<Load> {
    const took: number[] = [];
    const run = (this.#run += 1);
    let next = 0;
    const client = async () => {
      for (let i = next++; i < count; i = next++) {
        const accepted = i % 2 === 0;
        const body = pod(`bench-${run}-${i}`, accepted);
        const began = performance.now();
        const { status, text } = await this.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, body);
        took.push(performance.now() - began);
        const right = accepted || !refusing ? status === 201 : status === 403 || status === 400 || status === 422;
        if (!right) throw new Error(`create ${i} was answered ${status}: ${text.slice(0, 400)}`);
      }
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: clients }, client));
    return { took, seconds: (performance.now() - began) / 1000 };
  }

  async clear(): Promise<void> {
    const body = JSON.stringify({ gracePeriodSeconds: 0, propagationPolicy: 'Background' });
    await this.request('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods`, body);
  }

  close(): void {
    this.#agent.destroy();
  }
}
