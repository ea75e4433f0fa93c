// Every number of the agreement that governance may change, with its bounds and the section it comes from (agreement 4, 5.2, 6, 9, 11).
import type { Genesis } from '../../types.js';
import type { Overlay } from '../state.js';
import { shortened } from './trial.js';

const BPI = 1_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const AMOUNT = 1_000_000 * BPI;

interface Definition {
  section: string;
  value: number;
  min: number;
  max: number;
}
const define = (section: string, value: number, min: number, max: number): Definition => ({ section, value, min, max });

/** Amounts in µBPI, times in ms of block time, shares in percent. Bounds keep every change reversible: nothing can price out or time out its own undoing. */
export const PARAMETERS = {
  minimumStake: define('4.1', 500 * BPI, BPI, 100_000 * BPI),
  baseReward: define('4.1', 10_000, 0, AMOUNT),
  consensusBonus: define('4.1', 5_000, 0, AMOUNT),
  uptimeBonus: define('4.1', 2_000, 0, AMOUNT),
  performanceBonus: define('4.1', 1_000, 0, AMOUNT),
  bonusUptimePercent: define('4.1', 99, 50, 100),
  minimumUptimePercent: define('4.1', 95, 0, 100),
  minimumParticipationPercent: define('4.1', 90, 0, 100),
  maximumResponseMs: define('4.1', 5_000, 100, DAY),
  /** Hours in a row below the minimum that are service unavailability. */
  missedHours: define('4.1', 24, 1, 10_000),
  heartbeatMs: define('4.1', 60_000, 1_000, HOUR),

  schedulingFee: define('4.2', 1_000, 0, BPI),
  meshFee: define('4.2', 100, 0, BPI),
  consensusFee: define('4.2', 10, 0, BPI),
  receiptFee: define('4.2', 1, 0, 1_000),
  /** After mesh.close, for the calls made before it. */
  meshSettlementMs: define('4.2', DAY, HOUR, 30 * DAY),
  /** per GB (10⁹ bytes) and day */
  workloadStorageFee: define('4.2', 100, 0, BPI),
  /** per MB (10⁶ bytes) and day */
  receiptStorageFee: define('4.2', 10, 0, BPI),
  /** per block */
  consensusStorageFee: define('4.2', 1, 0, BPI),

  consensusFailurePercent: define('4.3', 5, 0, 100),
  resourceFraudPercent: define('4.3', 10, 0, 100),
  serviceUnavailabilityPercent: define('4.3', 15, 0, 100),
  receiptTamperingPercent: define('4.3', 25, 0, 100),
  networkAttackPercent: define('4.3', 50, 0, 100),
  appealWindowMs: define('4.3', 14 * DAY, DAY, 90 * DAY),
  /** An offence of one kind is punished once within it. */
  offenceWindowMs: define('4.3', 14 * DAY, HOUR, 90 * DAY),
  unbondingMs: define('4.3', 14 * DAY, DAY, 180 * DAY),

  upgradeTimelockMs: define('5.2', 7 * DAY, DAY, 60 * DAY),
  parameterTimelockMs: define('5.2', 3 * DAY, DAY, 60 * DAY),
  votingMs: define('5.2', 7 * DAY, HOUR, 60 * DAY),
  emergencyMs: define('5.2', 3 * DAY, HOUR, 14 * DAY),
  proposalDeposit: define('5.2', 10 * BPI, 0, 1_000 * BPI),

  decisionLatencyMs: define('6.1', 5_000, 100, DAY),
  finalityMs: define('6.1', 10_000, 100, DAY),
  resourceVerificationMs: define('6.1', 2_000, 100, DAY),
  recoveryMs: define('6.1', 30_000, 100, DAY),
  serviceDiscoveryMs: define('6.2', 1_000, 10, DAY),
  loadBalancingMs: define('6.2', 500, 10, DAY),
  healthCheckMs: define('6.2', 2_000, 100, DAY),
  failoverMs: define('6.2', 5_000, 100, DAY),
  receiptGenerationMs: define('6.3', 100, 1, DAY),
  receiptVerificationMs: define('6.3', 50, 1, DAY),
  receiptStorageMs: define('6.3', 200, 1, DAY),
  receiptRetrievalMs: define('6.3', 100, 1, DAY),

  /** Awarded at most for a service level that was missed. */
  slaPenalty: define('6.1', BPI, 0, 1_000 * BPI),

  caseDeposit: define('9', 10 * BPI, 0, 1_000 * BPI),
  arbitratorBond: define('9', 100 * BPI, 0, 10_000 * BPI),
  /** Claims of less are decided by the ledger alone (the plan: --arbitration-threshold 200). */
  arbitrationThreshold: define('9.2', 200 * BPI, 0, AMOUNT),
  evidenceMs: define('9.3', 3 * DAY, HOUR, 30 * DAY),
  drawMs: define('9.2', DAY, HOUR, 30 * DAY),
  commitMs: define('9.2', 3 * DAY, HOUR, 30 * DAY),
  revealMs: define('9.2', 2 * DAY, HOUR, 30 * DAY),

  /** 1: new nodes and validators need an identity that a verifier attested. */
  identityRequired: define('10.3', 0, 0, 1),

  terminationNoticeMs: define('11.1', 30 * DAY, DAY, 365 * DAY),
  minimumActiveNodes: define('11.1', 3, 1, 100),
  insufficientNodesMs: define('11.1', 7 * DAY, HOUR, 365 * DAY),
  failedRoundsPercent: define('11.1', 50, 1, 100),
  failedRoundsMs: define('11.1', DAY, HOUR, 365 * DAY),
} as const satisfies Record<string, Definition>;

export type ParameterName = keyof typeof PARAMETERS;
export type Parameters = Record<ParameterName, number>;
export const PARAMETER_NAMES = Object.keys(PARAMETERS) as ParameterName[];

const KEY = 'parameters';
const agreed = Object.fromEntries(PARAMETER_NAMES.map((name) => [name, PARAMETERS[name].value])) as Parameters;

/** The agreement's numbers, as the genesis has them. */
export function genesisParameters({ economics, economy }: Genesis): Parameters {
  const { minimumStake, schedulingFee, receiptFee, consensusFee } = economics;
  return { ...agreed, minimumStake, schedulingFee, receiptFee, consensusFee, ...economy?.parameters };
}

const known = new WeakMap<Genesis, Parameters>();

/** As agreed: the genesis' until governance changed some. Shared, so not to be changed in place. */
export function agreedParameters(state: Overlay, genesis: Genesis): Parameters {
  const changed = state.read<Partial<Parameters>>(KEY);
  const begun = known.get(genesis) ?? genesisParameters(genesis);
  known.set(genesis, begun);
  return changed === undefined ? begun : { ...begun, ...changed };
}

/** As they are applied: the same, but on a trial network, whose days are shorter. */
export function parametersIn(state: Overlay, genesis: Genesis): Parameters {
  return shortened(agreedParameters(state, genesis), genesis);
}

export function changeParameters(state: Overlay, changes: Partial<Parameters>): void {
  state.write(KEY, { ...state.read<Partial<Parameters>>(KEY), ...changes });
}

/** What is wrong with a parameter's value, or undefined; in isolation and beside the others. */
export function parameterFault(name: ParameterName, value: number): string | undefined {
  const { min, max, section } = PARAMETERS[name];
  if (Number.isSafeInteger(value) && value >= min && value <= max) return undefined;
  return `${name} ${value} is not a whole number from ${min} to ${max} (agreement ${section})`;
}

/** Unbonding shorter than the appeal window would let an offender leave with the stake (agreement 4.3). */
export function combinationFault({ unbondingMs, appealWindowMs }: Parameters): string | undefined {
  if (unbondingMs >= appealWindowMs) return undefined;
  return `unbondingMs ${unbondingMs} is shorter than appealWindowMs ${appealWindowMs}: an offender could leave before it can be slashed`;
}
