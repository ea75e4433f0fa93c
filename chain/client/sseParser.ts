// Server-sent events out of a stream of text (WHATWG HTML, section 9.2.6), with a bound on what one event may hold.

export interface ServerSentEvent {
  event: string;
  data: string;
}

export class SseError extends Error {
  override readonly name = 'SseError';
  readonly code = 'EventTooLarge';
}

export class SseParser {
  #rest = '';
  #scanned = 0;

  constructor(private readonly maxLength: number) {}

  /** The events that the text completes; comments are dropped. Throws SseError. */
  push(text: string): ServerSentEvent[] {
    this.#rest += text;
    const events: ServerSentEvent[] = [];
    let begin = 0;
    for (;;) {
      const end = this.#rest.indexOf('\n\n', Math.max(begin, this.#scanned - 1));
      if (end < 0) break;
      const event = readEvent(this.#rest.slice(begin, end));
      if (event) events.push(event);
      begin = end + 2;
      this.#scanned = begin;
    }
    this.#rest = this.#rest.slice(begin);
    this.#scanned = this.#rest.length;
    if (this.#rest.length > this.maxLength) throw new SseError(`an event is longer than ${this.maxLength} characters`);
    return events;
  }
}

function readEvent(block: string): ServerSentEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return data.length > 0 ? { event, data: data.join('\n') } : undefined;
}
