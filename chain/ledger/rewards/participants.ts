// Who earns: committed nodes and validators with an account, each with the meter of its hour (agreement 4.1).
import type { MeterRecord } from '../../economyTypes.js';
import { stateKeys, type NodeRecord } from '../../types.js';
import type { BlockContext } from '../operation.js';
import { validatorsInForce } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';

export const METERS = 'meter/';
export const HOUR_MS = 3_600_000;
/** Of the time that a heartbeat counts for. */
export const slotOf = ({ timestamp, parameters }: Pick<BlockContext, 'timestamp' | 'parameters'>): number => Math.floor(timestamp / parameters.heartbeatMs);
export const hourOf = (time: number): number => time - (time % HOUR_MS);

const [NODE, VALIDATOR] = ['node/', 'validator/'];
export const nodeParticipant = (name: string): string => NODE + name;
export const validatorParticipant = (publicKey: string): string => VALIDATOR + publicKey;
export const isValidator = ({ participant }: { participant: string }): boolean => participant.startsWith(VALIDATOR);

/** The account that answers for a node or validator; undefined when it is none now. */
export function accountBehind(state: Overlay, block: BlockContext, participant: string): string | undefined {
  if (participant.startsWith(NODE)) return state.read<NodeRecord>(stateKeys.node(participant.slice(NODE.length)))?.operator;
  const key = participant.slice(VALIDATOR.length);
  const member = participant.startsWith(VALIDATOR) && validatorsInForce(state, block).some(({ ed25519PublicKey }) => ed25519PublicKey === key);
  return member && state.get(stateKeys.account(key)) !== undefined ? key : undefined;
}

export function meterOf(state: Overlay, participant: string): MeterRecord | undefined {
  return state.read<MeterRecord>(METERS + participant);
}

/** In the hour of the block's time, begun anew where it is another than the record's. */
export function openMeter(state: Overlay, block: BlockContext, participant: string, account: string): MeterRecord {
  const hour = hourOf(block.timestamp);
  const known = meterOf(state, participant);
  if (known?.hour === hour && known.account === account) return known;
  if (known && known.account !== account) keepClaim(state, known);
  const { missed, earned, owed } = known?.account === account ? known : { missed: 0, earned: 0, owed: 0 };
  return { participant, account, hour, beats: 0, lastBeat: -1, rounds: 0, answers: 0, answerMs: 0, missed, earned, owed };
}

/** A node's former owner is still owed what it earned with it: under a name that no participant has, until it is paid. */
function keepClaim(state: Overlay, meter: MeterRecord): void {
  if (meter.owed === 0) return;
  const participant = `former/${meter.account}/${meter.participant}`;
  const owed = meter.owed + (meterOf(state, participant)?.owed ?? 0);
  writeMeter(state, { ...meter, participant, beats: 0, rounds: 0, answers: 0, answerMs: 0, owed });
}

/** It is there: counted once a slot. False when it was counted before. */
export function hear(state: Overlay, block: BlockContext, participant: string, account: string): boolean {
  const meter = openMeter(state, block, participant, account);
  const slot = slotOf(block);
  if (meter.lastBeat === slot) return false;
  writeMeter(state, { ...meter, beats: meter.beats + 1, lastBeat: slot });
  return true;
}

export function writeMeter(state: Overlay, meter: MeterRecord): void {
  state.write(METERS + meter.participant, meter);
}
