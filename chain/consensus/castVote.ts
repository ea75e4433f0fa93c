// Own votes: recorded first; they leave and count once the record is durable, so that no restart contradicts them.
import { hasFlaw } from './consensusState.js';
import { withEntry, type StepTurn } from './stepTurn.js';
import type { Payload, PreparedCertificate, Signed, SignedMessage } from './types.js';

/** Signs, and asks for durability. `rest`: what travels beside the signed part. */
export function castVote<B>(turn: StepTurn<B>, payload: Payload, rest: object = {}, prepared: PreparedCertificate<B> | null = null): void {
  const { self, config, height } = turn.state;
  if (self === null) return;
  const vote: Signed = { from: self, payload, signature: config.crypto.sign(payload) };
  const message = { ...vote, ...rest } as SignedMessage<B>;
  const token = turn.next();
  turn.set({ pending: withEntry(turn.state.pending, token, message) });
  if (payload.type !== 'roundChange') turn.set({ voted: { ...turn.state.voted, [payload.type]: payload.digest } });
  turn.emit({ type: 'Persist', token, record: { height, vote, prepared } });
  if (hasFlaw(turn.state, 'sentBeforeDurable')) turn.emit({ type: 'Broadcast', message });
}
