// Reads one validator's stream of final blocks until it ends, falls silent or is left.
import type { Endpoint } from './endpointPool.js';
import { SseParser } from './sseParser.js';
import type { Timing } from './timing.js';
import { TransportError } from './transport.js';

const MAX_EVENT_LENGTH = 128 * 1024 * 1024;

export interface EventStreamOptions {
  /** Height of the first block. */
  from: number;
  timing: Pick<Timing, 'requestMs' | 'idleMs'>;
  /** Leaves the stream; a reason that is a text is the error's. */
  abort: AbortController;
  /** The block as text; the next one is read when this resolves. */
  onBlock: (data: string) => void | Promise<void>;
}

/** Returns only by throwing: TransportError, SseError, or what `onBlock` threw. */
export async function followEvents(endpoint: Endpoint, { from, timing, abort, onBlock }: EventStreamOptions): Promise<never> {
  let why = 'the stream was closed';
  const idle = setTimeout(() => {
    why = `nothing was heard for ${timing.idleMs} ms`;
    abort.abort();
  }, timing.idleMs);
  abort.signal.addEventListener('abort', () => (why = typeof abort.signal.reason === 'string' ? abort.signal.reason : why));
  try {
    const response = await endpoint.transport.stream(`/v1/events?from=${from}`, { timeoutMs: timing.requestMs, signal: abort.signal });
    response.setEncoding('utf8');
    const parser = new SseParser(MAX_EVENT_LENGTH);
    for await (const text of response as AsyncIterable<string>) {
      idle.refresh();
      for (const { event, data } of parser.push(text)) if (event === 'block') await onBlock(data);
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    clearTimeout(idle);
  }
  throw new TransportError('Unreachable', why);
}
