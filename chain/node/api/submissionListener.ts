// POST /v1/transactions as plain clients of this project send it, answered without the framework: its cost for each request is most of what a small submission costs.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { ApiError, errorAnswer } from './apiError.js';
import type { ApiContext } from './context.js';
import { MAX_BODY_BYTES, readTransactions } from './transactionRoutes.js';

/** Everything else, and what looks at all unusual, goes to `application`, which knows every answer. */
export function submissionListener(context: ApiContext, application: RequestListener): RequestListener {
  return (request, response) => {
    const bytes = plainBodyBytes(request);
    if (bytes === undefined) return application(request, response);
    readBody(request, bytes, (body) => void answer(context, body, response));
  };
}

/** Length of the body; undefined for what is no plain submission. */
function plainBodyBytes({ method, url, headers }: IncomingMessage): number | undefined {
  if (method !== 'POST' || url !== '/v1/transactions' || headers['content-type'] !== 'application/json') return undefined;
  if (headers['content-encoding'] !== undefined || headers.expect !== undefined) return undefined;
  const bytes = Number(headers['content-length']);
  return bytes <= MAX_BODY_BYTES ? bytes : undefined;
}

/** `done` is not called when the client goes away before. */
function readBody(request: IncomingMessage, bytes: number, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => done(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes)));
}

async function answer(context: ApiContext, body: Buffer, response: ServerResponse): Promise<void> {
  try {
    write(response, 202, await context.submit(readTransactions(parsed(body))));
  } catch (error) {
    const refusal = errorAnswer(error, (unforeseen) => context.report(unforeseen, 'POST /v1/transactions'));
    write(response, refusal.status, refusal.body);
  }
}

function parsed(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ApiError('BadJson', `the body is no JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object') throw new ApiError('BadJson', 'the body is no JSON object');
  return value;
}

function write(response: ServerResponse, status: number, content: unknown): void {
  const text = JSON.stringify(content);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
