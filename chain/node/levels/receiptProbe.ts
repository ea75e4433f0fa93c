// Asks another validator over its link for a receipt that all have, and times the answer; an empty question before it shows what the line alone takes (agreement 6.3: retrieval_time).

/** A receipt that nobody has: answered at once, with nothing. */
export const NO_RECEIPT = '00'.repeat(32);
/** What an answer counts that is none, or none of this receipt, ms. */
export const NO_ANSWER_MS = 60_000;

export interface Question {
  receiptId: string;
  /** Whether what came is that receipt, with its proof. */
  isAnswer(bundle: unknown): boolean;
}
interface Pending {
  question: Question;
  askedAt: number;
  /** Of the empty question, ms; undefined until it is answered. */
  line: number | undefined;
}

export interface ProbeHooks {
  /** False when there is no link: then nothing is measured. */
  ask(publicKey: string, receiptId: string): boolean;
  measured(publicKey: string, ms: number): void;
  now(): number;
}

export class ReceiptProbe {
  readonly #pending = new Map<string, Pending>();

  constructor(private readonly hooks: ProbeHooks) {}

  /** Whoever has not answered the last question does not get another one for free. */
  begin(publicKey: string, question: Question): void {
    if (this.#pending.delete(publicKey)) this.hooks.measured(publicKey, NO_ANSWER_MS);
    if (this.hooks.ask(publicKey, NO_RECEIPT)) this.#pending.set(publicKey, { question, askedAt: this.hooks.now(), line: undefined });
  }

  /** `bundle` as it came: anything. */
  answered(publicKey: string, receiptId: string, bundle: unknown): void {
    const pending = this.#pending.get(publicKey);
    if (!pending) return;
    const took = this.hooks.now() - pending.askedAt;
    if (pending.line === undefined) {
      if (receiptId !== NO_RECEIPT) return;
      if (this.hooks.ask(publicKey, pending.question.receiptId)) this.#pending.set(publicKey, { ...pending, askedAt: this.hooks.now(), line: took });
      else this.#pending.delete(publicKey);
    } else if (receiptId === pending.question.receiptId) {
      this.#pending.delete(publicKey);
      this.hooks.measured(publicKey, pending.question.isAnswer(bundle) ? Math.max(0, took - pending.line) : NO_ANSWER_MS);
    }
  }

  /** Its link is gone: what was asked there is answered no more, which says nothing of its store. */
  gone(publicKey: string): void {
    this.#pending.delete(publicKey);
  }
}
