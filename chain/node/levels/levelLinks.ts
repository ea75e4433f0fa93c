// What goes over validators' links so that they can measure one another: questions for receipts and to verify them, and the answers (agreement 6.3).
import type { Genesis } from '../../types.js';
import type { DialogueHooks } from '../peerDialogue.js';
import { encodePeerMessage } from '../peerMessages.js';
import type { LevelMeter, LevelMeterHooks } from './levelMeter.js';
import { ReceiptChallenges } from './receiptChallenges.js';

/** `send` to the validator with a key; false when there is no link. */
export function levelQuestions(send: (publicKey: string, message: Uint8Array) => boolean): Pick<LevelMeterHooks, 'ask' | 'challenge'> {
  return {
    ask: (publicKey, id) => send(publicKey, encodePeerMessage('getReceipt', { id })),
    challenge: (publicKey, id, bundle) => send(publicKey, encodePeerMessage('verify', { id, bundle })),
  };
}

/** `keyOf` the validator at the other end. */
export function levelAnswers(genesis: Genesis, meter: () => Pick<LevelMeter, 'heard' | 'answered' | 'verified'>, keyOf: (from: number) => string): Pick<DialogueHooks, 'heard' | 'receipt' | 'verify' | 'verified'> {
  const challenges = new ReceiptChallenges(genesis, Date.now);
  return {
    heard: (from, message) => meter().heard(message, keyOf(from)),
    receipt: (from, id, bundle) => meter().answered(keyOf(from), id, bundle),
    verify: (from, bundle) => challenges.verify(from, bundle),
    verified: (from, id, ok) => meter().verified(keyOf(from), id, ok),
  };
}
