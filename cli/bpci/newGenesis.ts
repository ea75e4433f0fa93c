// The genesis document of a new network, signed by a creator's key: its limits and fees are the agreement's, what differs is given.
import { randomUUID } from 'node:crypto';
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import { signGenesis } from '../../chain/ledger/genesis.js';
import type { Genesis } from '../../chain/types.js';
import type { Validator } from '../../receipts/types.js';

const BPI = 1_000_000;
/** Of each validator's own account, whose key is its Ed25519 identity: what a penalty takes from, and what reports of evidence are paid with. */
const VALIDATOR_ACCOUNT = { roles: ['validator' as const], balance: 1_000 * BPI, stake: 2_000 * BPI };
/** Agreement 4.1, in µBPI. */
const ECONOMICS: Genesis['economics'] = { minimumStake: 500 * BPI, schedulingFee: 1_000, receiptFee: 1, consensusFee: 10 };
/** In the supply from the beginning: what rewards are paid from when fees do not suffice, and the insurance fund of 10.2. */
const ECONOMY = { rewardPool: 1_000_000 * BPI, insuranceFund: 100_000 * BPI, parameters: {} };
const BASE_TIMEOUT_MS = 1_000;
const MAX_TIMEOUT_MS = 2_000;
const MAX_BLOCK_BYTES = 2 * 1024 * 1024;
const MAX_BLOCK_TRANSACTIONS = 2_000;

export interface NewGenesis {
  chainId: string;
  /** sha256 of the orchestration agreement, hex; '' when none. */
  agreementHash: string;
  blockTimeMs: number;
  /** Percent of the validators that must sign. */
  finalityThreshold: number;
  validators: Validator[];
  /** Besides the validators' own. */
  accounts: Genesis['accounts'];
  /** False: nothing is metered, rewarded or charged by time. */
  economy?: boolean;
  /** Of a trial network: how long a day of the agreement's waiting periods lasts. */
  trialDayMs?: number;
}

export function newGenesis(given: NewGenesis, creator: Ed25519KeyPair): Genesis {
  const unsigned: Genesis = {
    version: 1,
    chainId: given.chainId,
    clusterId: randomUUID(),
    agreementHash: given.agreementHash,
    timestamp: Date.now(),
    validatorSet: { validators: given.validators, quorumPercent: given.finalityThreshold },
    consensus: {
      blockTimeMs: given.blockTimeMs,
      baseTimeoutMs: BASE_TIMEOUT_MS,
      maxTimeoutMs: MAX_TIMEOUT_MS,
      maxBlockBytes: MAX_BLOCK_BYTES,
      maxBlockTransactions: MAX_BLOCK_TRANSACTIONS,
    },
    economics: ECONOMICS,
    ...(given.economy === false ? {} : { economy: { ...ECONOMY, ...(given.trialDayMs === undefined ? {} : { trialDayMs: given.trialDayMs }) } }),
    accounts: [...given.accounts, ...given.validators.map(({ address: name, ed25519PublicKey: publicKey }) => ({ publicKey, name, ...VALIDATOR_ACCOUNT }))],
    creator: { publicKey: creator.publicKey, signature: '' },
  };
  return signGenesis(unsigned, creator.privateKey);
}
