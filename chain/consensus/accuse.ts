// Proof of misbehaviour: two messages of one validator that no correct one signs both.
import type { Accusation } from './consensusState.js';
import { claimOf, FLOOD } from './contradict.js';
import { withEntry, withMember, type StepTurn } from './stepTurn.js';
import type { Payload, Signed } from './types.js';

const keyOf = ({ from, payload }: Signed) => `${payload.type}/${from}`;

/** Reports it for one round per validator, kind and height: once for each different thing said, until it is a flood. Both must carry good signatures. */
export function accuse<B>(turn: StepTurn<B>, first: Signed, second: Signed): void {
  const { accused } = turn.state;
  const { round } = second.payload;
  const known = accused.get(keyOf(second));
  const claim = claimOf(second.payload);
  if (known && (known.round !== round || known.claims.has(claim) || known.claims.size >= FLOOD)) return;
  const claims = withMember(known?.claims ?? new Set([claimOf(first.payload)]), claim);
  turn.set({ accused: withEntry(accused, keyOf(second), { round, claims }) });
  turn.emit({ type: 'Evidence', kind: second.payload.type, first: bare(first), second: bare(second) });
}

/** It has flooded this height with messages of this kind, which is proved: nothing more of them is looked at. */
export function isFlooder(accused: ReadonlyMap<string, Accusation>, message: Signed): boolean {
  return (accused.get(keyOf(message))?.claims.size ?? 0) >= FLOOD;
}

/** The signed part alone. */
export function bare<P extends Payload>({ from, payload, signature }: Signed<P>): Signed<P> {
  return { from, payload, signature };
}
