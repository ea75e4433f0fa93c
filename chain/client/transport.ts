// HTTP to one validator: connections kept alive, answers bounded in size and time, errors with a code.
import http from 'node:http';
import https from 'node:https';

export type TransportErrorCode = 'BadEndpoint' | 'Unreachable' | 'TimedOut' | 'TooLarge' | 'BadAnswer';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  constructor(
    readonly code: TransportErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface Request {
  method?: 'GET' | 'POST';
  path: string;
  /** JSON text. */
  body?: string;
  timeoutMs: number;
  /** Of the answer. */
  maxBytes?: number;
  signal?: AbortSignal;
}
export interface Answer {
  status: number;
  /** Parsed JSON. */
  body: unknown;
}

const MAX_SOCKETS = 32;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export class Transport {
  readonly #base: URL;
  readonly #client: typeof http | typeof https;
  readonly #agent: http.Agent;

  /** Throws TransportError 'BadEndpoint'. */
  constructor(readonly endpoint: string) {
    if (!URL.canParse(endpoint)) throw new TransportError('BadEndpoint', `endpoint "${endpoint}" is no URL; write it as http://127.0.0.1:21001`);
    this.#base = new URL(endpoint);
    if (!/^https?:$/.test(this.#base.protocol)) throw new TransportError('BadEndpoint', `endpoint "${endpoint}" is neither http nor https`);
    this.#client = this.#base.protocol === 'https:' ? https : http;
    this.#agent = new this.#client.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: 'lifo', noDelay: true });
  }

  /** Any status is an answer; what is no JSON, too large or too late is a TransportError. */
  async request(request: Request): Promise<Answer> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), request.timeoutMs);
    const signal = request.signal ? AbortSignal.any([late.signal, request.signal]) : late.signal;
    try {
      const response = await this.#send({ ...request, signal });
      const text = await readText(response, request.maxBytes ?? MAX_ANSWER_BYTES);
      return { status: response.statusCode ?? 0, body: parse(text, request.path) };
    } catch (cause) {
      if (cause instanceof TransportError) throw cause;
      if (late.signal.aborted) throw new TransportError('TimedOut', `no answer within ${request.timeoutMs} ms`, { cause });
      throw new TransportError('Unreachable', reasonOf(cause), { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /** An answer as it is, whatever its type and status. Rejects with what the connection failed of. */
  async text(path: string, timeoutMs: number): Promise<{ status: number; type: string; body: string }> {
    const response = await this.#send({ path, timeoutMs, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.statusCode ?? 0, type: response.headers['content-type'] ?? 'text/plain', body: await readText(response, MAX_ANSWER_BYTES) };
  }

  /** Opens a stream; anything but 200 is a TransportError. It ends when the signal is aborted. */
  async stream(path: string, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): Promise<http.IncomingMessage> {
    const opening = new AbortController();
    const timer = setTimeout(() => opening.abort(), timeoutMs);
    try {
      const response = await this.#send({ path, timeoutMs, signal: AbortSignal.any([signal, opening.signal]) });
      if (response.statusCode === 200) return response;
      response.destroy();
      throw new TransportError('BadAnswer', `${path} was answered with status ${response.statusCode}`);
    } catch (cause) {
      if (cause instanceof TransportError) throw cause;
      throw new TransportError(opening.signal.aborted ? 'TimedOut' : 'Unreachable', reasonOf(cause), { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(request: Request): Promise<http.IncomingMessage> {
    const { method = 'GET', path, body, signal } = request;
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = this.#client.request(new URL(path, this.#base), { method, headers, signal, agent: this.#agent }, resolve);
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // The validator closed a kept connection just as it was taken up again: nothing was received, a new one is tried.
        if (sent.reusedSocket && error.code === 'ECONNRESET' && !signal?.aborted) this.#send(request).then(resolve, reject);
        else reject(error);
      });
      sent.end(body);
    });
  }
}

async function readText(response: http.IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      response.destroy();
      throw new TransportError('TooLarge', `the answer is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TransportError('BadAnswer', `${path.split('?')[0]} was answered with what is no JSON`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message ?? String(cause);
}
