// What a validator process tells its parent over the IPC channel, so that `bpci start` can print one line per change of state.
import type { NodeErrorCode } from './nodeError.js';

export type StateReport =
  | { state: 'listening'; text: string }
  | { state: 'running'; text: string; height: number }
  | { state: 'syncing'; text: string }
  | { state: 'halted'; text: string }
  | { state: 'fatal'; code: NodeErrorCode; text: string; exitCode: number };

/** Does nothing when there is no parent that listens. */
export function reportState(report: StateReport): void {
  if (process.connected) process.send?.(report);
}
