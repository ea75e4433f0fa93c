// Verifies receipts that other validators send to see how long that takes: so often for each, for it costs more than to ask.
import type { Genesis } from '../../types.js';
import type { ReceiptBundle } from '../../../receipts/types.js';
import { verifyReceipt } from '../../../receipts/verify/verifyReceipt.js';

/** Between two of one validator; nobody who keeps the rules asks more often. */
const LEAST_MS = 1_000;

export class ReceiptChallenges {
  readonly #last = new Map<number, number>();

  constructor(
    private readonly genesis: Genesis,
    private readonly now: () => number,
  ) {}

  /** Whether what the peer sent is a good receipt of this chain; undefined when it asks too often. */
  verify(from: number, bundle: unknown): boolean | undefined {
    const now = this.now();
    if (now - (this.#last.get(from) ?? -Infinity) < LEAST_MS) return undefined;
    this.#last.set(from, now);
    return verifyReceipt(bundle as ReceiptBundle, this.genesis).ok;
  }
}

/** Half of them are good; of the others now one signature is wrong and now the other, so that only who verifies both knows. */
export const SPOILT = ['none', 'none', 'certificate', 'envelope'] as const;

/** All is well formed: only who follows it to the end sees what is wrong. */
export function challengeOf(bundle: ReceiptBundle, spoil: (typeof SPOILT)[number]): { bundle: ReceiptBundle; isGood: boolean } {
  const { certificate, envelope } = bundle;
  const [first, ...others] = envelope.signatures;
  if (spoil === 'certificate') return { bundle: { ...bundle, certificate: { ...certificate, signature: changed(certificate.signature, -1) } }, isGood: false };
  if (spoil === 'envelope') return { bundle: { ...bundle, envelope: { ...envelope, signatures: [{ ...first!, sig: changed(first!.sig, 0) }, ...others] } }, isGood: false };
  return { bundle, isGood: true };
}

/** One character of a hex or base64 text, counted from either end. */
function changed(text: string, at: number): string {
  const place = at < 0 ? text.length + at : at;
  return text.slice(0, place) + (text[place] === '0' ? '1' : '0') + text.slice(place + 1);
}
