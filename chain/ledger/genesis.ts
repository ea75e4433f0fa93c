// The network's beginning: its document checked, its hash, its first state and block 0 (agreement 8.1, ClusterGenesisBlock).
import type { FieldError } from '../../api/fieldError.js';
import { canonicalJson, sha256OfJson } from '../../crypto/canonicalJson.js';
import { signEd25519, verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import { SparseMerkleTree } from '../../crypto/sparseMerkleTree.js';
import { emptyRoot } from '../../receipts/merkle/treeHash.js';
import { ShapeError } from '../../receipts/shape.js';
import type { BlockHeader } from '../../receipts/types.js';
import { isSetSize } from '../../receipts/setSize.js';
import { checkValidatorSet, validatorsHash } from '../../receipts/validatorSet.js';
import { stateKeys, type AccountRecord, type Genesis, type PolicySetPointer, type PolicySetRecord, type SupplyRecord } from '../types.js';
import { POOLS } from './fees/fees.js';
import { combinationFault, genesisParameters } from './parameters/parameters.js';
import { trialErrors } from './parameters/trial.js';
import { genesisShape } from './genesisShape.js';
import { genesisSets } from './validators/validatorSets.js';

const SIGNATURE_TAG = concatBytes(utf8('enc-genesis-v1'), Uint8Array.of(0));

/** sha256 of the whole document's canonical JSON, hex: what block 0 names as its previous hash. */
export function genesisHash(genesis: Genesis): string {
  return sha256OfJson(genesis);
}

/** utf8('enc-genesis-v1') ‖ 0x00 ‖ sha256 of the document without its signature */
function genesisMessage({ creator: { publicKey }, ...rest }: Genesis): Uint8Array {
  return concatBytes(SIGNATURE_TAG, fromHex(sha256OfJson({ ...rest, creator: { publicKey } }), 32));
}

/** `privateKey` = the creator's Ed25519 seed, hex; `genesis.creator.publicKey` is its key. */
export function signGenesis(genesis: Genesis, privateKey: string): Genesis {
  return { ...genesis, creator: { ...genesis.creator, signature: toHex(signEd25519(privateKey, genesisMessage(genesis))) } };
}

/** Everything that is wrong with it; empty when nothing is. Proofs of possession are checked: about 15 ms a validator. */
export function validateGenesis(genesis: Genesis): FieldError[] {
  try {
    genesisShape(genesis, 'genesis');
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return [
      {
        path: error.path.replace(/^genesis\.?/, ''),
        value: undefined,
        message: `has the wrong form: ${error.message}`,
        cure: `give ${error.expected}`,
      },
    ];
  }
  return [...validatorErrors(genesis), ...consensusErrors(genesis), ...accountErrors(genesis), ...economyErrors(genesis), ...trialErrors(genesis), ...creatorErrors(genesis)];
}

function validatorErrors({ validatorSet }: Genesis): FieldError[] {
  const checked = checkValidatorSet(validatorSet);
  const size = validatorSet.validators.length;
  if (checked.ok && !isSetSize(size))
    return [{ path: 'validatorSet.validators', value: size, message: 'are 2, and stop as soon as one of them does', cure: 'use 1, 3 or more' }];
  if (checked.ok) return [];
  return [
    { path: 'validatorSet', value: validatorSet.validators.length, message: checked.message, cure: "make the validators' keys and proofs again" },
  ];
}

function consensusErrors({ consensus: { baseTimeoutMs, maxTimeoutMs } }: Genesis): FieldError[] {
  if (baseTimeoutMs <= maxTimeoutMs) return [];
  return [{ path: 'consensus.maxTimeoutMs', value: maxTimeoutMs, message: `is less than baseTimeoutMs ${baseTimeoutMs}`, cure: 'raise it' }];
}

function accountErrors({ accounts, economy }: Genesis): FieldError[] {
  const errors: FieldError[] = [];
  for (const member of ['publicKey', 'name'] as const) {
    const values = accounts.map((account) => account[member]);
    const twice = values.findIndex((value, index) => values.indexOf(value) !== index);
    if (twice >= 0)
      errors.push({
        path: `accounts[${twice}].${member}`,
        value: values[twice],
        message: "repeats an earlier account's",
        cure: 'give each account its own',
      });
  }
  const total = supplyOf({ accounts, economy });
  if (total > BigInt(Number.MAX_SAFE_INTEGER))
    errors.push({
      path: 'accounts',
      value: String(total),
      message: `add up to more than ${Number.MAX_SAFE_INTEGER} µBPI, which could not be counted exactly`,
      cure: 'lower balances or stakes',
    });
  return errors;
}

function creatorErrors(genesis: Genesis): FieldError[] {
  const { publicKey, signature } = genesis.creator;
  if (verifyEd25519(publicKey, genesisMessage(genesis), fromHex(signature, 64))) return [];
  return [
    {
      path: 'creator.signature',
      value: signature,
      message: 'does not fit this document: it was changed after it was signed',
      cure: 'use the document as it was published',
    },
  ];
}

function supplyOf({ accounts, economy }: Pick<Genesis, 'accounts' | 'economy'>): bigint {
  const pools = BigInt(economy?.rewardPool ?? 0) + BigInt(economy?.insuranceFund ?? 0);
  return accounts.reduce((sum, { balance, stake }) => sum + BigInt(balance) + BigInt(stake), pools);
}

function genesisPools(economy: Genesis['economy']): Record<string, number> {
  const empty = Object.fromEntries(POOLS.map((pool) => [pool, 0]));
  return economy ? { ...empty, rewards: economy.rewardPool, insurance: economy.insuranceFund } : empty;
}

function economyErrors(genesis: Genesis): FieldError[] {
  const fault = combinationFault(genesisParameters(genesis));
  return fault === undefined ? [] : [{ path: 'economy.parameters', value: undefined, message: fault, cure: 'lengthen unbondingMs' }];
}

/** The records of block 0, in key order. */
export function genesisState(genesis: Genesis): [key: string, value: string][] {
  const { accounts, economy } = genesis;
  const records: [string, object][] = [
    ...accounts.map(({ publicKey, name, roles, balance, stake }): [string, AccountRecord] => [
      stateKeys.account(publicKey),
      { name, roles: [...new Set(roles)].sort(), balance, stake },
    ]),
    [stateKeys.supply, { total: Number(supplyOf({ accounts, economy })), escrow: 0, pools: genesisPools(economy), burned: 0 } satisfies SupplyRecord],
    [stateKeys.currentPolicySet, { policyHeight: 0, recent: [] } satisfies PolicySetPointer],
    [stateKeys.policySet(0), { policyHeight: 0, members: [] } satisfies PolicySetRecord],
    ...genesisSets(genesis),
  ];
  return records.map(([key, record]): [string, string] => [key, canonicalJson(record)]).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Block 0: no transactions, no certificate; everyone makes it from the document. */
export function genesisHeader(genesis: Genesis): BlockHeader {
  const set = validatorsHash(genesis.validatorSet);
  return {
    version: 1,
    chainId: genesis.chainId,
    height: 0,
    timestamp: genesis.timestamp,
    previousHash: genesisHash(genesis),
    transactionsRoot: toHex(emptyRoot()),
    stateRoot: SparseMerkleTree.fromEntries(genesisState(genesis)).rootHex,
    logSize: 0,
    logRoot: toHex(emptyRoot()),
    validatorsHash: set,
    nextValidatorsHash: set,
    proposer: 0,
  };
}
