import { describe, expect, it } from 'vitest';
import { SparseMerkleTree } from '../../crypto/sparseMerkleTree.js';
import type { Genesis } from '../types.js';
import { checkSupply } from './accounts/supply.js';
import { genesisHash, genesisHeader, genesisState, validateGenesis } from './genesis.js';
import { MemoryState } from './memoryState.js';
import { keyOf, testGenesis } from './testing/testGenesis.js';

const genesis = testGenesis();

describe('validateGenesis', () => {
  it('finds nothing wrong with a good one', () => {
    expect(validateGenesis(genesis)).toEqual([]);
  });

  const account = genesis.accounts[0]!;
  const [first, second] = genesis.validatorSet.validators;
  const wrong: [name: string, make: () => Genesis, path: string][] = [
    ['another version', () => ({ ...genesis, version: 2 as 1 }), 'version'],
    ['a member too many', () => ({ ...genesis, extra: 1 }) as Genesis, 'extra'],
    ['a cluster id that is no UUID', () => testGenesis({ clusterId: 'main' }), 'clusterId'],
    ['a negative balance', () => testGenesis({ accounts: [{ ...account, balance: -1 }] }), 'accounts[0].balance'],
    ['a fraction of a µBPI', () => ({ ...genesis, accounts: [{ ...account, stake: 0.5 }] }), 'accounts[0].stake'],
    ['an unknown role', () => testGenesis({ accounts: [{ ...account, roles: ['root' as 'operator'] }] }), 'accounts[0].roles[0]'],
    ['two accounts of one key', () => testGenesis({ accounts: [account, { ...account, name: 'other' }] }), 'accounts[1].publicKey'],
    ['two accounts of one name', () => testGenesis({ accounts: [account, { ...account, publicKey: keyOf('x').publicKey }] }), 'accounts[1].name'],
    ['a supply beyond exact counting', () => testGenesis({ accounts: [{ ...account, balance: Number.MAX_SAFE_INTEGER, stake: 1 }] }), 'accounts'],
    ['a quorum above all', () => testGenesis({ validatorSet: { ...genesis.validatorSet, quorumPercent: 101 } }), 'validatorSet.quorumPercent'],
    ['no validators', () => testGenesis({ validatorSet: { ...genesis.validatorSet, validators: [] } }), 'validatorSet.validators'],
    ['a validator twice', () => testGenesis({ validatorSet: { ...genesis.validatorSet, validators: [first!, first!] } }), 'validatorSet'],
    [
      "another validator's proof of possession",
      () =>
        testGenesis({
          validatorSet: { ...genesis.validatorSet, validators: [{ ...first!, blsProofOfPossession: second!.blsProofOfPossession }] },
        }),
      'validatorSet',
    ],
    ['timeouts the wrong way round', () => testGenesis({ consensus: { ...genesis.consensus, maxTimeoutMs: 10 } }), 'consensus.maxTimeoutMs'],
    [
      'blocks too small for a transaction',
      () => testGenesis({ consensus: { ...genesis.consensus, maxBlockBytes: 1_000 } }),
      'consensus.maxBlockBytes',
    ],
    ['days of a second on a chain that is no trial', () => testGenesis({ economy: { rewardPool: 0, insuranceFund: 0, parameters: {}, trialDayMs: 1_000 } }), 'economy.trialDayMs'],
    ['days too short to act in', () => testGenesis({ chainId: 'trial-x', economy: { rewardPool: 0, insuranceFund: 0, parameters: {}, trialDayMs: 1 } }), 'economy.trialDayMs'],
    ['a change after signing', () => ({ ...genesis, chainId: 'enc-other' }), 'creator.signature'],
    ['a fee changed after signing', () => ({ ...genesis, economics: { ...genesis.economics, receiptFee: 0 } }), 'creator.signature'],
  ];
  it.each(wrong)('refuses %s', (_name, make, path) => {
    expect(validateGenesis(make()).map((error) => error.path)).toEqual([path]);
  });

  it.each([[null], [1], ['genesis'], [[]]])('refuses %j', (value) => {
    expect(validateGenesis(value as unknown as Genesis)).toHaveLength(1);
  });
});

describe('block 0', () => {
  it('commits to the document and to a state that adds up', () => {
    const state = new MemoryState(genesisState(genesis));
    const header = genesisHeader(genesis);
    expect(header.previousHash).toBe(genesisHash(genesis));
    expect(header.stateRoot).toBe(SparseMerkleTree.fromEntries(state.entries()).rootHex);
    expect(checkSupply(state)).toEqual({ ok: true, total: 8_003_000_000, found: 8_003_000_000 });
  });

  it('is another for any other document', () => {
    const other = testGenesis({ timestamp: genesis.timestamp + 1 });
    expect(genesisHash(other)).not.toBe(genesisHash(genesis));
    expect(genesisHeader(other).previousHash).not.toBe(genesisHeader(genesis).previousHash);
  });
});
