// Which validator set signs which height: the records of all sets since the genesis (ADR 6).
import { validatorsHash } from '../../../receipts/validatorSet.js';
import { stateKeys, type Genesis, type ValidatorSetIndex, type ValidatorSetRecord } from '../../types.js';
import type { Overlay, StateReader } from '../state.js';

/** From a block that executes a change to the first that the new set signs. */
export const TAKES_EFFECT_AFTER = 2;

type Getter = Pick<StateReader, 'get'>;

/** The records of the genesis. */
export function genesisSets({ validatorSet }: Genesis): [key: string, record: ValidatorSetIndex | ValidatorSetRecord][] {
  const record: ValidatorSetRecord = { since: 0, hash: validatorsHash(validatorSet), set: validatorSet, endpoints: {}, changedBy: null };
  return [
    [stateKeys.validatorSets, { since: [0] }],
    [stateKeys.validatorSet(0), record],
  ];
}

/** Adds the set that follows all others. */
export function addSet(state: Overlay, record: ValidatorSetRecord): void {
  const { since } = state.read<ValidatorSetIndex>(stateKeys.validatorSets)!;
  state.write(stateKeys.validatorSets, { since: [...since, record.since] } satisfies ValidatorSetIndex);
  state.write(stateKeys.validatorSet(record.since), record);
}

/** All, the earliest first. */
export function setRecords(state: Getter): ValidatorSetRecord[] {
  return firsts(state).map((since) => recordSince(state, since));
}

/** In force or yet to come. */
export function latestSet(state: Getter): ValidatorSetRecord {
  return recordSince(state, firsts(state).at(-1)!);
}

/** Of a height for which the state decides it: up to the first that this block's changes take effect at. */
export function setInForce(state: Getter, height: number): ValidatorSetRecord {
  return recordSince(state, firsts(state).findLast((since) => since <= height)!);
}

/** Of records, the earliest first, the one in force at a height. */
export function setAt<R extends { since: number }>(records: readonly R[], height: number): R {
  return records.findLast(({ since }) => since <= height)!;
}

function firsts(state: Getter): number[] {
  return (JSON.parse(state.get(stateKeys.validatorSets)!) as ValidatorSetIndex).since;
}

function recordSince(state: Getter, since: number): ValidatorSetRecord {
  return JSON.parse(state.get(stateKeys.validatorSet(since))!) as ValidatorSetRecord;
}
