// Sends transactions to one validator, several in a request when they come close together.
import { sha256Hex } from '../../crypto/hash.js';
import type { Endpoint } from './endpointPool.js';
import { submissionAnswer, type SubmissionAnswer } from './answers.js';
import type { Timing } from './timing.js';
import { TransportError } from './transport.js';

export type SubmissionOutcome =
  | { kind: 'acknowledged'; acknowledgement: SubmissionAnswer['acknowledgements'][number] }
  | { kind: 'refused'; refusal: SubmissionAnswer['refusals'][number] };

interface Waiting {
  id: string;
  raw: string;
  resolve(outcome: SubmissionOutcome): void;
  reject(error: unknown): void;
}

/** What a validator takes in one request. */
const MAX_BATCH = 500;
const MAX_BATCH_BYTES = 3 * 1024 * 1024;
const MAX_IN_FLIGHT = 4;
/** Of a validator that takes nothing; the others tell it. */
const MAX_LATER = 5_000;

export class TransactionSender {
  #waiting: Waiting[] = [];
  #later: Waiting[] = [];
  #laterTimer: NodeJS.Timeout | undefined;
  /** ms since the epoch. */
  #laterDue = Infinity;
  #inFlight = 0;
  #scheduled = false;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly timing: Timing,
  ) {}

  /** What the validator said; its signature is not checked here. Rejects with TransportError or ShapeError. */
  send(id: string, raw: string): Promise<SubmissionOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, raw, resolve, reject });
      this.#schedule();
    });
  }

  /** What others have acknowledged already: handed over within so many ms, with whatever comes until then; nobody waits for the answer. */
  sendLater({ id, raw }: { id: string; raw: string }, withinMs: number): void {
    if (this.#later.length === MAX_LATER) return;
    this.#later.push({ id, raw, resolve: () => undefined, reject: () => undefined });
    const due = Date.now() + withinMs;
    if (due >= this.#laterDue) return;
    clearTimeout(this.#laterTimer);
    this.#laterDue = due;
    this.#laterTimer = setTimeout(() => {
      this.#laterDue = Infinity;
      this.#waiting.push(...this.#later.splice(0));
      this.#schedule();
    }, withinMs).unref();
  }

  /** At once when nothing is on its way; else others may join for a moment, and the number of open requests is bounded. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= MAX_IN_FLIGHT || this.#waiting.length === 0) return;
    this.#scheduled = true;
    const flush = (): void => {
      this.#scheduled = false;
      void this.#post(this.#takeBatch());
    };
    if (this.#inFlight === 0) setImmediate(flush);
    else setTimeout(flush, this.timing.batchMs);
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { raw } of this.#waiting) {
      bytes += raw.length;
      if (count > 0 && (count === MAX_BATCH || bytes > MAX_BATCH_BYTES)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #post(batch: Waiting[]): Promise<void> {
    this.#inFlight += 1;
    const began = Date.now();
    try {
      const body = JSON.stringify({ transactions: batch.map(({ raw }) => raw) });
      const answer = await this.endpoint.transport.request({ method: 'POST', path: '/v1/transactions', body, timeoutMs: this.timing.requestMs });
      if (answer.status !== 202) throw new TransportError('BadAnswer', `status ${answer.status}: ${reasonOf(answer.body)}`);
      const { acknowledgements, refusals } = submissionAnswer(answer.body, 'answer');
      this.endpoint.answered(Date.now() - began);
      deliver(batch, acknowledgements, refusals);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#inFlight -= 1;
      this.#schedule();
    }
  }
}

function deliver(batch: Waiting[], acknowledgements: SubmissionAnswer['acknowledgements'], refusals: SubmissionAnswer['refusals']): void {
  const acknowledged = new Map(acknowledgements.map((acknowledgement) => [acknowledgement.transactionId, acknowledgement]));
  const refused = new Map(refusals.map((refusal) => [refusal.transactionId, refusal]));
  for (const { id, raw, resolve, reject } of batch) {
    const acknowledgement = acknowledged.get(id);
    // What could not be read has no id; the hash of what was sent stands for it.
    const refusal = refused.get(id) ?? (refused.size > 0 ? refused.get(sha256Hex(raw)) : undefined);
    if (acknowledgement) resolve({ kind: 'acknowledged', acknowledgement });
    else if (refusal) resolve({ kind: 'refused', refusal });
    else reject(new TransportError('BadAnswer', `the answer says nothing of transaction ${id}`));
  }
}

function reasonOf(body: unknown): string {
  const message = (body as { error?: { message?: unknown } } | null)?.error?.message;
  return typeof message === 'string' ? message.slice(0, 300) : 'without a reason';
}
