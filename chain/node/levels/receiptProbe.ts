// Asks another validator over its link for a receipt that all have, then to verify one, and times the answers; an empty question first shows what the line alone takes (agreement 6.3: retrieval_time, verification_time).
import type { StatedLevel } from '../../courtTypes.js';

/** A receipt that nobody has: answered at once, with nothing. */
export const NO_RECEIPT = '00'.repeat(32);
/** What an answer counts that is none, or wrong, ms. */
export const NO_ANSWER_MS = 60_000;

export interface Question {
  receiptId: string;
  /** Whether what came is that receipt, with its proof. */
  isAnswer(bundle: unknown): boolean;
  /** A receipt to verify, which is good or was spoilt so that only its verification shows it. */
  challenge(): { bundle: unknown; isGood: boolean };
}
interface Pending {
  question: Question;
  askedAt: number;
  /** Of the empty question, ms; undefined until it is answered. */
  line: number | undefined;
  /** What the right answer of the last question is, once it was asked. */
  isGood?: boolean;
}

export interface ProbeHooks {
  /** For a receipt. False when there is no link: then nothing is measured. */
  ask(publicKey: string, receiptId: string): boolean;
  /** To verify one. */
  challenge(publicKey: string, receiptId: string, bundle: unknown): boolean;
  measured(level: StatedLevel, publicKey: string, ms: number): void;
  now(): number;
}

export class ReceiptProbe {
  readonly #pending = new Map<string, Pending>();

  constructor(private readonly hooks: ProbeHooks) {}

  /** Whoever has not answered the last question does not get another one for free. */
  begin(publicKey: string, question: Question): void {
    const unanswered = this.#pending.get(publicKey);
    if (unanswered) this.hooks.measured(unanswered.isGood === undefined ? 'retrieval_time' : 'verification_time', publicKey, NO_ANSWER_MS);
    this.#next(publicKey, { question, line: undefined }, this.hooks.ask(publicKey, NO_RECEIPT));
  }

  /** `bundle` as it came: anything. */
  answered(publicKey: string, receiptId: string, bundle: unknown): void {
    const pending = this.#pending.get(publicKey);
    if (!pending || pending.isGood !== undefined) return;
    const { question, line } = pending;
    const took = this.hooks.now() - pending.askedAt;
    if (line === undefined) {
      if (receiptId === NO_RECEIPT) this.#next(publicKey, { question, line: took }, this.hooks.ask(publicKey, question.receiptId));
    } else if (receiptId === question.receiptId) {
      this.hooks.measured('retrieval_time', publicKey, question.isAnswer(bundle) ? Math.max(0, took - line) : NO_ANSWER_MS);
      const challenge = question.challenge();
      this.#next(publicKey, { question, line, isGood: challenge.isGood }, this.hooks.challenge(publicKey, receiptId, challenge.bundle));
    }
  }

  verified(publicKey: string, receiptId: string, isGood: boolean): void {
    const pending = this.#pending.get(publicKey);
    if (pending?.isGood === undefined || pending.question.receiptId !== receiptId) return;
    const took = this.hooks.now() - pending.askedAt - pending.line!;
    this.#pending.delete(publicKey);
    this.hooks.measured('verification_time', publicKey, isGood === pending.isGood ? Math.max(0, took) : NO_ANSWER_MS);
  }

  /** Its link is gone: what was asked there is answered no more, which says nothing of its store. */
  gone(publicKey: string): void {
    this.#pending.delete(publicKey);
  }

  #next(publicKey: string, pending: Omit<Pending, 'askedAt'>, asked: boolean): void {
    if (asked) this.#pending.set(publicKey, { ...pending, askedAt: this.hooks.now() });
    else this.#pending.delete(publicKey);
  }
}
