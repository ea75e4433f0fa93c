// The Kubernetes API as plain JSON over one pool of kept connections.
// Plain JSON, because a pod's spec is hashed as the API server states it: typed clients drop fields that they do not know.
import type { IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import { KubeError } from './kubeError.js';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;
export type PatchType =
  'application/merge-patch+json' | 'application/strategic-merge-patch+json' | 'application/apply-patch+yaml' | 'application/json-patch+json';

/** Everything rejects with KubeError: its `code` is the Status reason, or 'Unreachable' when there was no answer. */
export interface KubeApi {
  get<T>(path: string, query?: Query): Promise<T>;
  create<T>(path: string, body: unknown, query?: Query): Promise<T>;
  replace<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, type: PatchType, body: unknown, query?: Query): Promise<T>;
  delete(path: string, body?: unknown): Promise<void>;
  /** Calls `onLine` with each JSON line; resolves when the server ends the stream, rejects with KubeError when it breaks. */
  watch(path: string, query: Query, onLine: (line: unknown) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Where the API server is, and as whom it is asked. */
export interface KubeAccess {
  /** https://host:port */
  server: string;
  /** Authorities, and a client's certificate or token, as they are now. */
  options(): Promise<RequestOptions>;
}

const TIMEOUT_MS = 30_000;
const CREDENTIALS_MS = 60_000;
/** Kept open between requests: a handshake costs the API server more than most requests do. */
const SOCKETS = 64;

function pathWith(base: string, path: string, query: Query = {}): string {
  const parameters = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encodeURIComponent(String(value))}`]));
  return base + path + (parameters.length > 0 ? `?${parameters.join('&')}` : '');
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Texts of the Warning headers of an answer (RFC 7234, 5.5). */
export const warningsIn = (header: string | undefined): string[] => [...(header ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!.replace(/\\(.)/g, '$1'));

export class HttpsKubeApi implements KubeApi {
  readonly #agent = new https.Agent({ keepAlive: true, maxSockets: SOCKETS, maxFreeSockets: SOCKETS });
  readonly #server: URL;
  #credentials: Promise<RequestOptions> | undefined;
  #credentialsAt = 0;

  /** `warned` is told what the API server says along with an answer. Throws KubeError 'NotTls'. */
  constructor(
    private readonly access: KubeAccess,
    private readonly warned: (warning: string) => void = () => undefined,
  ) {
    this.#server = new URL(access.server);
    if (this.#server.protocol !== 'https:')
      throw new KubeError('NotTls', 0, `the API server ${access.server} is not reached by https: use an https address`);
  }

  /** Read again every minute: tokens and certificates are rotated on disk. */
  #options(): Promise<RequestOptions> {
    if (!this.#credentials || Date.now() - this.#credentialsAt > CREDENTIALS_MS) {
      this.#credentialsAt = Date.now();
      this.#credentials = this.access.options();
      this.#credentials.catch(() => (this.#credentials = undefined));
    }
    return this.#credentials;
  }

  async #open(method: string, path: string, content: { type?: string; body?: unknown }, signal: AbortSignal): Promise<IncomingMessage> {
    const body = content.body === undefined ? undefined : Buffer.from(JSON.stringify(content.body));
    const { headers, ...credentials } = await this.#options();
    const { hostname, port } = this.#server;
    return new Promise((resolve, reject) => {
      const request = https.request(
        {
          ...credentials,
          agent: this.#agent,
          host: hostname.replace(/^\[|\]$/g, ''),
          port: port || 443,
          method,
          path,
          signal,
          headers: {
            ...(headers as Record<string, string> | undefined),
            accept: 'application/json',
            ...(body ? { 'content-type': content.type ?? 'application/json', 'content-length': body.length } : {}),
          },
        },
        resolve,
      );
      request.once('error', (cause) => reject(new KubeError('Unreachable', 0, `${method} ${path}: ${cause.message}`, { cause })));
      request.end(body);
    });
  }

  async #call<T>(method: string, path: string, query: Query | undefined, content: { type?: string; body?: unknown } = {}): Promise<T> {
    const full = pathWith(this.#server.pathname.replace(/\/$/, ''), path, query);
    const answer = await this.#open(method, full, content, AbortSignal.timeout(TIMEOUT_MS));
    let text: string;
    try {
      text = await readAll(answer);
    } catch (cause) {
      throw new KubeError('Unreachable', 0, `${method} ${path}: the answer broke off`, { cause });
    }
    const status = answer.statusCode ?? 0;
    for (const warning of warningsIn(answer.headers.warning)) this.warned(warning);
    if (status < 200 || status > 299) throw KubeError.fromAnswer(`${method} ${path}`, status, text);
    return JSON.parse(text) as T;
  }

  get<T>(path: string, query?: Query): Promise<T> {
    return this.#call('GET', path, query);
  }
  create<T>(path: string, body: unknown, query?: Query): Promise<T> {
    return this.#call('POST', path, query, { body });
  }
  replace<T>(path: string, body: unknown): Promise<T> {
    return this.#call('PUT', path, undefined, { body });
  }
  patch<T>(path: string, type: PatchType, body: unknown, query?: Query): Promise<T> {
    return this.#call('PATCH', path, query, { type, body });
  }
  async delete(path: string, body?: unknown): Promise<void> {
    await this.#call('DELETE', path, undefined, { body });
  }

  async watch(path: string, query: Query, onLine: (line: unknown) => void, signal: AbortSignal): Promise<void> {
    const full = pathWith(this.#server.pathname.replace(/\/$/, ''), path, { ...query, watch: true });
    const answer = await this.#open('GET', full, {}, signal);
    if (answer.statusCode !== 200) throw KubeError.fromAnswer(`watch ${path}`, answer.statusCode ?? 0, await readAll(answer));
    let rest = '';
    answer.setEncoding('utf8');
    try {
      for await (const chunk of answer) {
        const lines = (rest + (chunk as string)).split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line) onLine(JSON.parse(line));
      }
    } catch (cause) {
      // What `onLine` made of an ERROR line, as that the version is too old, is not a broken connection.
      if (cause instanceof KubeError) throw cause;
      throw new KubeError('WatchBroken', 0, `watch ${path}: ${(cause as Error).message}`, { cause });
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}
