// Asks one validator's HTTP API; every way this can fail becomes one line.
import { CliError } from './cliError.js';

const TIMEOUT_MS = 10_000;

export function ask<T>(endpoint: string, path: string): Promise<T> {
  return request(endpoint, path, {});
}

export function send<T>(endpoint: string, path: string, body: object): Promise<T> {
  return request(endpoint, path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

async function request<T>(endpoint: string, path: string, init: RequestInit): Promise<T> {
  const late = new AbortController();
  // Not AbortSignal.timeout, whose timer keeps no process alive: with a connection that went away unheard, Node would end without a word.
  const timer = setTimeout(() => late.abort(new Error(`none within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  try {
    return await answered<T>(endpoint, path, { ...init, signal: late.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function answered<T>(endpoint: string, path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${endpoint}${path}`, init);
  } catch (cause) {
    const { message } = ((cause as Error).cause as Error | undefined) ?? (cause as Error);
    throw new CliError(`--endpoint ${endpoint}: no answer (${message || (cause as Error).message}); is the validator running? Start it with "bpci start"`, 1, { cause });
  }
  const body = (await response.json().catch(() => undefined)) as (T & { error?: { message: string } }) | undefined;
  if (response.ok && body !== undefined) return body;
  throw new CliError(`${endpoint}${path}: ${body?.error?.message ?? (response.ok ? 'the answer was cut off' : `answered ${response.status}`)}`, !response.ok && response.status < 500 ? 2 : 1);
}
