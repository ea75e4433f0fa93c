// The economy's data model: parameters, stake, offences, rewards, metered fees and termination (agreement 4, 6, 10.2, 11).
import type { BlockHeader, Certificate } from '../receipts/types.js';
import type { Successor } from './governanceTypes.js';
import type { Parameters } from './ledger/parameters/parameters.js';

/** What a genesis adds to the economy. A genesis without it meters nothing: it has no rewards and no fees by time or block. */
export interface GenesisEconomy {
  /** µBPI; part of the supply from the beginning, in the pool that pays rewards. */
  rewardPool: number;
  /** µBPI: the protocol's insurance fund of agreement 10.2. */
  insuranceFund: number;
  /** Where they differ from the agreement's. */
  parameters: Partial<Parameters>;
  /** Trial networks alone, whose chain id begins with "trial-": how long a day of the agreement's waiting periods lasts, ms of block time. */
  trialDayMs?: number;
}

export const OFFENCES = ['consensusFailure', 'resourceFraud', 'serviceUnavailability', 'receiptTampering', 'networkAttack'] as const;
/** Agreement 4.3. */
export type Offence = (typeof OFFENCES)[number];

export interface EconomyPayloads {
  'stake.unbond': { amount: number };
  /** `participant` = node/<name> or validator/<Ed25519 public key>. */
  'node.heartbeat': { participant: string };
  /** Certificates of the last MAX_CERTIFICATE_AGE heights; those who signed have taken part (agreement 4.1). */
  'participation.report': { certificates: { header: BlockHeader; certificate: Certificate }[] };
  'fees.settle': { account: string };
  'mesh.open': { amount: number };
  /** `calls` = how many the caller has made since its escrow was opened, in total. */
  'mesh.settle': { caller: string; calls: number };
  'mesh.close': Record<never, never>;
  /** By an operator: whose account is to pay for what runs in a namespace; '' = nobody's. */
  'tenant.assign': { namespace: string; account: string };
  /** By that account. */
  'tenant.agree': { namespace: string; pays: boolean };
  /** By a verifier: who is behind an account is known to it until then, ms. `reference` = a commitment to what it was shown, which stays with it. */
  'identity.attest': { account: string; reference: string; validUntil: number };
}

/** Who pays for a namespace, from when it has agreed. */
export interface TenantRecord {
  namespace: string;
  account: string;
  agreed: boolean;
  height: number;
}

/** What a verifier attested of an account (agreement 10.3). */
export interface IdentityRecord {
  account: string;
  /** The verifier's account. */
  by: string;
  reference: string;
  validUntil: number;
  height: number;
}

/** Stake on its way out: still liable until `releaseAt` (agreement 4.3: appeal window). */
export interface UnbondingRecord {
  id: string;
  account: string;
  amount: number;
  /** ms since the epoch, block time */
  releaseAt: number;
}

export type SlashState = 'Held' | 'Appealed' | 'Reversed' | 'Final';
/** A penalty: its stake is in escrow until it is final or reversed. */
export interface SlashRecord {
  id: string;
  /** Whose stake it was. */
  account: string;
  /** What offended: node/<name> or validator/<Ed25519 public key>. */
  subject: string;
  offence: Offence;
  percent: number;
  /** Stake that the percentage was taken of, µBPI. */
  base: number;
  /** µBPI in escrow; less than the percentage where no more was left. */
  amount: number;
  /** What proves it: a transaction, a record or a height, in words. */
  evidence: string;
  height: number;
  time: number;
  appealUntil: number;
  state: SlashState;
  /** Case before the court, once appealed. */
  caseId: string | null;
}

/** One node or validator, as its hour has gone so far. */
export interface MeterRecord {
  /** `node/<name>` or `validator/<Ed25519 public key>` */
  participant: string;
  account: string;
  /** Start of the hour, ms. */
  hour: number;
  /** Time slots with a heartbeat, and the last one's number, so that none counts twice. */
  beats: number;
  lastBeat: number;
  /** Certified heights that it signed. */
  rounds: number;
  /** Placements answered: how many, and how long from decision to Running in total, ms. */
  answers: number;
  answerMs: number;
  /** Hours in a row below the minimum requirements. */
  missed: number;
  /** µBPI earned since the beginning: the contribution of agreement 11.2. */
  earned: number;
  /** µBPI earned and not paid yet, for want of a pool. */
  owed: number;
}
/** What all participants are measured against. */
export interface HourRecord {
  hour: number;
  /** Slots in which a block was made, and the last one's number. */
  slots: number;
  lastSlot: number;
  /** Blocks made. */
  blocks: number;
  /** Heights of this hour reported certified, and the rounds before theirs that failed. */
  certified: number;
  failedRounds: number;
}

/** Exact fees below 1 µBPI and by time: the rest that was not charged yet, in each fee's own unit (feeUnits). */
export interface FeeMeter {
  account: string;
  /** Bytes of receipts that the account has caused. */
  receiptBytes: number;
  since: number;
  /** Decimal whole numbers. */
  receiptRest: string;
  consensusRest: string;
  /** µBPI due and not yet paid. */
  owed: number;
}
/** Storage of one placed pod, paid a day ahead (agreement 4.2 workload_storage). */
export interface LeaseRecord {
  podUid: string;
  payer: string;
  bytes: number;
  opened: number;
  /** Paid until, ms. */
  since: number;
  /** µBPI set aside. */
  escrow: number;
  rest: string;
}
export interface MeshEscrow {
  account: string;
  /** µBPI set aside and not used up. */
  escrow: number;
  calls: number;
  /** When the rest goes back, ms: calls made before it was closed can be settled until then. Null while it is open. */
  closesAt: number | null;
}

/** Since when a condition of agreement 11.1 has held without a break; null when it does not hold. */
export interface ClusterWatch {
  insufficientSince: number | null;
  failingSince: number | null;
  /** A cluster that is still coming up has not lost its nodes. */
  everSufficient: boolean;
}
export type TerminationCause = 'voluntary' | 'insufficientNodes' | 'consensusFailure' | 'securityBreach' | 'legalProhibition';
/** Once terminated, a cluster places nothing any more; stakes go back and the pools to those who contributed (agreement 11.2). */
export interface TerminationRecord {
  cause: TerminationCause;
  reason: string;
  state: 'Notice' | 'Terminated';
  /** Whom data and obligations go to, where the vote named one. */
  successor?: Successor;
  /** When the notice ends, or ended, ms. */
  at: number;
  height: number;
  /** First two hex digits, as a number, of the next accounts whose stake is given back; null when all are done. */
  cursor: number | null;
}
