// Submits transactions: signed, sent to the validators, done when f+1 of them have provably taken it (design: decision 6).
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ShapeError } from '../../receipts/shape.js';
import { isFollowed, isPatient } from '../patience.js';
import { MAX_VALIDITY, type Acknowledgement, type Payloads, type TransactionBody, type TransactionType } from '../types.js';
import { verifyAcknowledgement } from './acknowledgement.js';
import type { Validators } from './askValidators.js';
import { BatchSigner, FEW } from './batchSigner.js';
import { ChainError } from './chainError.js';
import type { Endpoint } from './endpointPool.js';
import type { HeaderChain } from './headerChain.js';
import { unverified } from './headerChain.js';
import type { AccountKey } from './keyFile.js';
import { withTimeout, type PendingResults } from './pendingResults.js';
import type { Timing } from './timing.js';
import { TransactionSender, type SubmissionOutcome } from './transactionSender.js';
import type { Submission } from './types.js';

/** Some below the most that is allowed, for a validator may be some blocks behind. */
const VALIDITY = MAX_VALIDITY - 100;
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 60;
/** Given, because an exception with its stack is made where no reason is. */
const DECIDED = 'decided';
/** Of what those that are asked first take as a rule; then the others are asked too. */
const HEDGE_TIMES = 3;
/** Refusals that pass by themselves: the validator has yet to see the block that the verdict rests on, or its pool to shrink. */
const PASSING: ReadonlySet<string> = new Set(['UnknownPolicyHeight', 'TooFarAhead', 'MempoolFull', 'MempoolSenderFull', 'UnknownSender']);

type Refusal = { code: string; message: string; field?: string };
type Answer = { acknowledgement: Acknowledgement } | { refusal: Refusal } | { fault: string };

export interface SubmitOptions {
  operationId?: string;
  timeoutMs?: number;
}

interface Member {
  url: string;
  endpoint: Endpoint;
  sender: TransactionSender;
}

export class Submitter {
  readonly #senders: ReadonlyMap<Endpoint, Member>;
  readonly #signer: BatchSigner | undefined;
  /** Submissions that somebody waits for: until f+1 validators acknowledged what is patient, until its block for all else. */
  #underWay = 0;

  constructor(
    private readonly chain: HeaderChain,
    private readonly validators: Validators,
    private readonly results: PendingResults,
    private readonly timing: Timing,
    private readonly key: AccountKey | undefined,
  ) {
    this.#signer = key && new BatchSigner(key.privateKey, { mostMs: timing.gatherMs, underWay: () => this.#underWay });
    this.#senders = new Map(validators.pool.endpoints.map((endpoint) => [endpoint, { url: endpoint.url, endpoint, sender: new TransactionSender(endpoint, timing) }]));
  }

  async submit<T extends TransactionType>(type: T, payload: Payloads[T], options: SubmitOptions = {}): Promise<Submission> {
    if (!this.key || !this.#signer) throw new ChainError('NoKey', `${type} cannot be submitted: the client has no key; create it with one`);
    const { operationId = randomUUID(), timeoutMs = this.timing.callMs } = options;
    const validUntil = this.chain.head.height + VALIDITY;
    const body: TransactionBody<T> = { chainId: this.chain.chainId, type, operationId, sender: this.key.publicKey, validUntil, payload };
    const { id, raw } = await this.#signer.sign(body as TransactionBody);
    const result = this.results.expect(id, validUntil);
    this.#underWay += 1;
    const signer = this.#signer;
    const over = (): void => {
      this.#underWay -= 1;
      if (this.#underWay === 0) signer.release();
    };
    const patient = isPatient(type, payload);
    if (!patient) result.then(over, over);
    try {
      const acknowledgements = await this.#collect(type, { id, raw }, { patient, timeoutMs, othersWithinMs: isFollowed(type, payload) ? this.#soonMs() : this.timing.laterMs });
      return { receiptId: id, operationId, acknowledgements, finalised: (ms = this.timing.finalityMs) => withTimeout(result, id, ms) };
    } catch (error) {
      this.results.drop(id);
      if (!patient) over();
      throw error;
    } finally {
      if (patient) over();
    }
  }

  /** While little is under way, what follows a pod's admission is asked sooner than others would have joined it. */
  #soonMs(): number {
    return this.#underWay > FEW ? this.timing.soonMs : 0;
  }

  /**
   * f+1 acknowledgements of distinct validators, so that at least one is of an honest one. All are asked at once; what is patient goes
   * to the f+1 quickest first, to the others when one of these is slow or says no, and else to them later, many in one request.
   */
  #collect(type: TransactionType, transaction: { id: string; raw: string }, { patient, timeoutMs, othersWithinMs }: { patient: boolean; timeoutMs: number; othersWithinMs: number }): Promise<Acknowledgement[]> {
    const needed = this.validators.faulty + 1;
    const acknowledged = new Map<number, Acknowledgement>();
    const refusals: Refusal[] = [];
    const order = this.validators.pool.ordered(Date.now()).map((endpoint) => this.#senders.get(endpoint)!);
    const others = patient ? order.splice(needed) : [];
    const silent = new Map([...this.#senders.values()].map(({ url }) => [url, `no answer within ${timeoutMs} ms`]));
    const decided = new AbortController();
    return new Promise<Acknowledgement[]>((resolve, reject) => {
      let pending = this.#senders.size;
      const fail = (): void => reject(failure(type, { acknowledged: acknowledged.size, needed, refusals, silent, faulty: this.validators.faulty }));
      const timer = setTimeout(fail, timeoutMs);
      const ask = (members: Member[]): void => {
        for (const member of members) void this.#persuade(member, transaction, decided.signal).then((answer) => count(member.url, answer));
      };
      const askOthers = (): void => ask(others.splice(0));
      const hedge = others.length === 0 ? undefined : setTimeout(askOthers, Math.max(this.timing.firstMs, HEDGE_TIMES * Math.max(...order.map(({ endpoint }) => endpoint.latencyMs))));
      decided.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        clearTimeout(hedge);
        for (const { sender } of others.splice(0)) sender.sendLater(transaction, othersWithinMs);
      });
      const count = (url: string, answer: Answer): void => {
        pending -= 1;
        if ('fault' in answer) silent.set(url, answer.fault);
        else silent.delete(url);
        if ('acknowledgement' in answer) acknowledged.set(answer.acknowledgement.validator, answer.acknowledgement);
        else askOthers();
        if ('refusal' in answer) refusals.push(answer.refusal);
        if (acknowledged.size >= needed) resolve([...acknowledged.values()]);
        else if (acknowledged.size + pending < needed) fail();
      };
      ask(order);
    }).finally(() => decided.abort(DECIDED));
  }

  async #persuade(member: Member, transaction: { id: string; raw: string }, decided: AbortSignal): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#ask(member, transaction, decided);
      const passing = 'fault' in answer || ('refusal' in answer && PASSING.has(answer.refusal.code));
      if (!passing || attempt === ATTEMPTS || decided.aborted) return answer;
      await sleep(FIRST_PAUSE_MS * 3 ** (attempt - 1));
      if (decided.aborted) return answer;
    }
  }

  async #ask({ endpoint, sender }: Member, { id, raw }: { id: string; raw: string }, decided: AbortSignal): Promise<Answer> {
    try {
      const outcome = await sender.send(id, raw);
      // One too many is not worth the 0.1 ms that its signature takes to check.
      return decided.aborted ? { fault: 'late' } : this.#read(outcome);
    } catch (error) {
      this.validators.note(endpoint, 'POST /v1/transactions', error);
      const why = error instanceof ShapeError ? `an answer of the wrong form: ${error.message}` : (error as Error).message;
      return { fault: why };
    }
  }

  #read(outcome: SubmissionOutcome): Answer {
    if (outcome.kind === 'refused') return { refusal: outcome.refusal };
    const { acknowledgement } = outcome;
    if (!this.chain.sets.recent.some((set) => verifyAcknowledgement(this.chain.chainId, set, acknowledgement)))
      throw unverified(`an acknowledgement that validator ${acknowledgement.validator} did not sign`);
    return { acknowledgement };
  }
}

interface Count {
  acknowledged: number;
  needed: number;
  refusals: Refusal[];
  silent: Map<string, string>;
  faulty: number;
}

/** More than f refusals hold one of an honest validator; what fewer say may be a lie. */
function failure(type: string, { acknowledged, needed, refusals, silent, faulty }: Count): ChainError {
  const faults = [...silent].map(([endpoint, fault]) => ({ endpoint, fault }));
  const refusal = mostCommon(refusals);
  if (refusal && refusals.length > faulty)
    return new ChainError('Refused', `validators refused ${type}: ${refusal.code}: ${refusal.message}`, { refusal, faults });
  const silentOnes = faults.map(({ endpoint, fault }) => `${endpoint} (${fault})`).join(', ');
  const also = refusal ? `; refused by ${refusals.length}: ${refusal.code}: ${refusal.message}` : '';
  return new ChainError(
    'Unreachable',
    `${type} was acknowledged by ${acknowledged} validators, ${needed} are needed; without a usable answer: ${silentOnes || 'none'}${also}`,
    { ...(refusal ? { refusal } : {}), faults },
  );
}

function mostCommon(refusals: readonly Refusal[]): Refusal | undefined {
  const count = ({ code }: Refusal) => refusals.filter((other) => other.code === code).length;
  return refusals.toSorted((a, b) => count(b) - count(a))[0];
}
