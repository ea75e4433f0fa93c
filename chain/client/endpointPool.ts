// The validators a client talks to, and in which order it asks them: the quick and truthful first, none ever left out.
import { Transport } from './transport.js';
import type { Timing } from './timing.js';

const SMOOTHING = 0.2;
const MAX_PAUSE_MS = 10_000;

/** One validator's API and what was seen of it. */
export class Endpoint {
  readonly transport: Transport;
  latencyMs = 0;
  failures = 0;
  /** Asked last until then; ms since the epoch. */
  avoidedUntil = 0;

  constructor(
    readonly url: string,
    private readonly timing: Timing,
  ) {
    this.transport = new Transport(url);
  }

  answered(latencyMs: number): void {
    this.latencyMs += SMOOTHING * (latencyMs - this.latencyMs);
    this.failures = 0;
  }

  failed(now: number): void {
    this.failures += 1;
    this.avoidedUntil = Math.max(this.avoidedUntil, now + Math.min(MAX_PAUSE_MS, this.timing.retryMs * 2 ** Math.min(10, this.failures)));
  }

  /** It gave an answer that did not verify. */
  lied(now: number): void {
    this.avoidedUntil = Math.max(this.avoidedUntil, now + this.timing.distrustMs);
  }
}

export class EndpointPool {
  readonly endpoints: readonly Endpoint[];

  /** Throws TransportError 'BadEndpoint'. */
  constructor(urls: readonly string[], timing: Timing) {
    this.endpoints = [...new Set(urls)].map((url) => new Endpoint(url, timing));
  }

  /** All of them, best first. */
  ordered(now: number): Endpoint[] {
    const avoided = ({ avoidedUntil }: Endpoint) => Math.max(0, avoidedUntil - now);
    return this.endpoints.toSorted((a, b) => avoided(a) - avoided(b) || a.latencyMs - b.latencyMs);
  }

  close(): void {
    for (const { transport } of this.endpoints) transport.close();
  }
}
