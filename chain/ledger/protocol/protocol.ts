// Which version of the ledger's rules is in force: a vote lets it switch at a height, and who lacks the code stops there instead of forking (agreement 5.2, 5.3).
import { governanceKeys, type ProtocolRecord } from '../../governanceTypes.js';
import type { Overlay, StateReader } from '../state.js';

/** The newest version whose rules this program has. */
export const SUPPORTED_PROTOCOL = 1;
const FIRST: ProtocolRecord = { version: 1, next: null };

function recordOf(state: Pick<StateReader, 'get'>): ProtocolRecord {
  const text = state.get(governanceKeys.protocol);
  return text === undefined ? FIRST : (JSON.parse(text) as ProtocolRecord);
}

/** Of the rules that a block of this height is executed by. */
export function protocolAt(state: Pick<StateReader, 'get'>, height: number): number {
  const { version, next } = recordOf(state);
  return next && height >= next.height ? next.version : version;
}

/** Agreed and not in force at this height yet. */
export function pendingUpgrade(state: Pick<StateReader, 'get'>, height: number): ProtocolRecord['next'] {
  const { next } = recordOf(state);
  return next && height < next.height ? next : null;
}

export function switchProtocol(state: Overlay, now: number, next: { version: number; height: number }): void {
  state.write(governanceKeys.protocol, { version: protocolAt(state, now), next } satisfies ProtocolRecord);
}
