// What was taken of one node or validator within the running windows, and for which kinds: nobody is punished twice for one kind in one window (agreement 4.3, 10.2).
import { OFFENCES, type Offence } from '../../economyTypes.js';
import type { Overlay } from '../state.js';

interface LiabilityRecord {
  /** By kind: until when (ms) it is not punished again, and the slash that this is for. */
  windows: Partial<Record<Offence, { until: number; slash: string; amount: number }>>;
  /** Stake per node when the first of the running windows began, or since then where that is more: the cap of 10.2. */
  base: number;
}
const NOTHING: LiabilityRecord = { windows: {}, base: 0 };
const liabilityKey = (subject: string) => `liability/${subject}`;

function liabilityOf(state: Overlay, subject: string): LiabilityRecord {
  return state.read<LiabilityRecord>(liabilityKey(subject)) ?? NOTHING;
}

/** Windows that are open at a time: their kinds, what they took together (µBPI), and the base of the cap; 0 when none is. */
export function openWindows(state: Overlay, subject: string, timestamp: number): { kinds: Offence[]; taken: number; base: number } {
  const { windows, base } = liabilityOf(state, subject);
  const kinds = OFFENCES.filter((kind) => (windows[kind]?.until ?? 0) > timestamp);
  return { kinds, taken: kinds.reduce((sum, kind) => sum + windows[kind]!.amount, 0), base: kinds.length === 0 ? 0 : base };
}

/** Those that have ended are forgotten with it. */
export function openWindow(
  state: Overlay,
  subject: string,
  { offence, timestamp, ...window }: { offence: Offence; timestamp: number; until: number; slash: string; amount: number },
  base: number,
): void {
  const { windows } = liabilityOf(state, subject);
  const running = Object.fromEntries(openWindows(state, subject, timestamp).kinds.map((kind) => [kind, windows[kind]]));
  state.write(liabilityKey(subject), { windows: { ...running, [offence]: window }, base } satisfies LiabilityRecord);
}

/** What was no offence leaves no suspicion and does not count towards the cap. */
export function closeWindow(state: Overlay, subject: string, offence: Offence, slash: string): void {
  const { windows, base } = liabilityOf(state, subject);
  const { [offence]: window, ...others } = windows;
  if (window?.slash === slash) state.write(liabilityKey(subject), { windows: others, base } satisfies LiabilityRecord);
}

/** Whether an offence of the subject is within its window, ms of block time. */
export function isSuspect(state: Overlay, subject: string, timestamp: number): boolean {
  return openWindows(state, subject, timestamp).kinds.length > 0;
}
