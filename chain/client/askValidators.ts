// Asks validators until one gives an answer that verifies: the best first, the next when one fails, lies or is slow.
import { setTimeout as sleep } from 'node:timers/promises';
import { faulty } from '../../receipts/quorum.js';
import { stepsAnswer } from './answers.js';
import { ChainError } from './chainError.js';
import type { ClientLogger } from './clientLogger.js';
import type { Endpoint, EndpointPool } from './endpointPool.js';
import { UnknownSetError, type KnownSets } from './knownSets.js';
import type { Timing } from './timing.js';
import { TransportError } from './transport.js';

/** A truthful answer that does not help yet: the validator is behind. Thrown by `read` functions. */
export class BehindError extends Error {
  override readonly name = 'BehindError';
}

export interface Question<T> {
  path: string;
  /** Checks the answer and returns what it proves; throws ChainError 'Unverified', ShapeError or BehindError. */
  read: (body: unknown) => T;
  timeoutMs: number;
}

type FaultKind = 'unreachable' | 'unverified' | 'behind' | 'missing';
interface Fault {
  endpoint: string;
  kind: FaultKind;
  fault: string;
}

const MAX_PAUSE_MS = 500;

export class Validators {
  constructor(
    readonly pool: EndpointPool,
    private readonly sets: KnownSets,
    private readonly timing: Timing,
    private readonly logger: ClientLogger,
    readonly stopped: AbortSignal,
  ) {}

  /** f of the latest set. */
  get faulty(): number {
    return faulty(this.sets.latest.validators.length);
  }

  /** How many answers hold at least one of an honest validator, as far as so many are configured. */
  get enough(): number {
    return Math.min(this.faulty + 1, this.pool.endpoints.length);
  }

  /** The first verified answer. Throws ChainError Unreachable, Unverified, Timeout (all behind), NotFound or Stopped. */
  async ask<T>(question: Question<T>): Promise<T> {
    const deadline = Date.now() + question.timeoutMs;
    let told: Fault[] = [];
    for (let pause = this.timing.retryMs; ; pause = Math.min(MAX_PAUSE_MS, 2 * pause)) {
      if (this.stopped.aborted) throw new ChainError('Stopped', 'the client was stopped');
      const faults = await this.#askOnce(question, deadline);
      if (!Array.isArray(faults)) return faults.value;
      // The last round may end for want of time; what validators said before that tells more.
      if (told.length === 0 || faults.some(({ kind }) => kind !== 'unreachable')) told = faults;
      const missing = faults.filter(({ kind }) => kind === 'missing').length;
      if (missing > this.faulty || Date.now() + pause >= deadline) throw this.failure(question, told);
      await sleep(pause);
    }
  }

  /** What one validator answers, verified. Its health is kept up to date. */
  async askOne<T>(endpoint: Endpoint, { path, read, timeoutMs }: Question<T>, signal?: AbortSignal): Promise<T> {
    const began = Date.now();
    try {
      const answer = await endpoint.transport.request({ path, timeoutMs: Math.min(timeoutMs, this.timing.requestMs), signal });
      if (answer.status === 404) throw new MissingError(messageOf(answer.body));
      if (answer.status !== 200) throw new TransportError('BadAnswer', `status ${answer.status}: ${messageOf(answer.body)}`);
      const value = await this.#readWithSets(endpoint, () => read(answer.body), signal);
      endpoint.answered(Date.now() - began);
      return value;
    } catch (error) {
      this.note(endpoint, path, error, signal);
      throw error;
    }
  }

  /** The steps to the present set, as this validator shows them; what they prove does not depend on who shows them. Throws. */
  async learnSets(endpoint: Endpoint, signal?: AbortSignal): Promise<void> {
    const answer = await endpoint.transport.request({ path: '/v1/validators/steps', timeoutMs: this.timing.requestMs, signal });
    if (answer.status !== 200) throw new TransportError('BadAnswer', `status ${answer.status}: ${messageOf(answer.body)}`);
    this.sets.learn(stepsAnswer(answer.body, 'steps').steps);
  }

  async #readWithSets<T>(endpoint: Endpoint, read: () => T, signal: AbortSignal | undefined): Promise<T> {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UnknownSetError)) throw error;
      // What it cannot prove by steps is not believed, whatever kept it from it.
      await this.learnSets(endpoint, signal).catch((cause: unknown) => {
        throw signal?.aborted ? cause : error;
      });
      return read();
    }
  }

  /** What every validator answers that answers verifiably in time, until `enough` have, and a moment for the others. */
  async askAll<T>(question: Question<T>, enough: number, graceMs: number): Promise<{ answers: T[]; faults: Fault[] }> {
    const answers: T[] = [];
    const faults: Fault[] = [];
    const done = new AbortController();
    const asked = this.pool.ordered(Date.now()).map((endpoint) =>
      this.askOne(endpoint, question, done.signal).then(
        (value) => {
          if (answers.push(value) === enough) setTimeout(() => done.abort(), graceMs).unref();
        },
        (error: unknown) => faults.push(faultOf(endpoint, error)),
      ),
    );
    await Promise.all(asked);
    return { answers, faults };
  }

  /** Hedged: the next one is asked when one fails, or has not answered for a while. */
  #askOnce<T>(question: Question<T>, deadline: number): Promise<{ value: T } | Fault[]> {
    const order = this.pool.ordered(Date.now());
    const faults: Fault[] = [];
    const done = new AbortController();
    return new Promise((resolve) => {
      let next = 0;
      let hedge: NodeJS.Timeout | undefined;
      const finish = (result: { value: T } | Fault[]): void => {
        clearTimeout(hedge);
        resolve(result);
        done.abort();
      };
      const askNext = (): void => {
        clearTimeout(hedge);
        const endpoint = order[next++];
        if (!endpoint) return;
        hedge = setTimeout(askNext, this.timing.hedgeMs);
        const timeoutMs = Math.max(1, deadline - Date.now());
        this.askOne(endpoint, { ...question, timeoutMs }, done.signal).then(
          (value) => finish({ value }),
          (error: unknown) => {
            faults.push(faultOf(endpoint, error));
            if (faults.length === order.length) finish(faults);
            else askNext();
          },
        );
      };
      askNext();
    });
  }

  /** Remembers a failure; one that was called off says nothing. */
  note(endpoint: Endpoint, what: string, error: unknown, signal?: AbortSignal): void {
    const { kind, fault } = faultOf(endpoint, error);
    if (kind === 'unverified') {
      endpoint.lied(Date.now());
      this.logger.warn('a validator gave an answer that does not verify', {
        code: 'Unverified',
        endpoint: endpoint.url,
        what: what.split('?')[0],
        fault,
      });
    } else if (kind === 'unreachable' && !signal?.aborted) {
      endpoint.failed(Date.now());
      this.logger.debug('a validator did not answer', { code: 'Unreachable', endpoint: endpoint.url, what: what.split('?')[0], fault });
    }
  }

  failure({ path, timeoutMs }: { path: string; timeoutMs: number }, faults: Fault[]): ChainError {
    const kinds = new Set(faults.map(({ kind }) => kind));
    const said = faults.map(({ endpoint, fault }) => `${endpoint}: ${fault}`).join('; ');
    const what = path.split('?')[0];
    const details = { faults: faults.map(({ endpoint, fault }) => ({ endpoint, fault })) };
    if (kinds.has('unverified')) return new ChainError('Unverified', `no answer to ${what} verifies (${said})`, details);
    if (kinds.has('behind')) return new ChainError('Timeout', `no validator was far enough within ${timeoutMs} ms for ${what} (${said})`, details);
    if (kinds.has('missing')) return new ChainError('NotFound', said, details);
    return new ChainError('Unreachable', `no validator answered ${what} (${said})`, details);
  }
}

class MissingError extends Error {}

function faultOf({ url }: Endpoint, error: unknown): Fault {
  const kind = kindOf(error);
  return { endpoint: url, kind, fault: error instanceof Error ? error.message : String(error) };
}

function kindOf(error: unknown): FaultKind {
  if (error instanceof BehindError) return 'behind';
  if (error instanceof MissingError) return 'missing';
  return error instanceof TransportError ? 'unreachable' : 'unverified';
}

function messageOf(body: unknown): string {
  const message = (body as { error?: { message?: unknown } } | null)?.error?.message;
  return typeof message === 'string' ? message.slice(0, 300) : 'without a reason';
}
