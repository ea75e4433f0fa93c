// Proof of misbehaviour: two messages of one validator that no correct one signs both.
import { withMember, type StepTurn } from './stepTurn.js';
import type { Payload, Signed } from './types.js';

/** Reports it once per validator, kind and height. Both must carry good signatures. */
export function accuse<B>(turn: StepTurn<B>, first: Signed, second: Signed): void {
  const key = `${second.payload.type}/${second.from}`;
  if (turn.state.accused.has(key)) return;
  turn.set({ accused: withMember(turn.state.accused, key) });
  turn.emit({ type: 'Evidence', kind: second.payload.type, first: bare(first), second: bare(second) });
}

/** The signed part alone. */
export function bare<P extends Payload>({ from, payload, signature }: Signed<P>): Signed<P> {
  return { from, payload, signature };
}
