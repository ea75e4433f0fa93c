// A genesis with real keys for tests; made once, for proofs of possession are slow.
import { ed25519FromSeed } from '../../../crypto/ed25519.js';
import { sha256Hex } from '../../../crypto/hash.js';
import { testValidators } from '../../../receipts/testing/testValidators.js';
import type { Genesis, GenesisAccount } from '../../types.js';
import { signGenesis } from '../genesis.js';

export const BPI = 1_000_000;
export const START = 1_790_000_000_000;

export type Actor = 'operator' | 'webhook' | 'node-operator' | 'bank' | 'processor' | 'visitor' | 'poor';
const actors: Record<Actor, Pick<GenesisAccount, 'roles' | 'balance' | 'stake'>> = {
  operator: { roles: ['operator'], balance: 1_000 * BPI, stake: 0 },
  webhook: { roles: ['webhook'], balance: 1_000 * BPI, stake: 0 },
  'node-operator': { roles: ['node-operator'], balance: 1_000 * BPI, stake: 5_000 * BPI },
  bank: { roles: ['party'], balance: BPI, stake: 0 },
  processor: { roles: ['party'], balance: BPI, stake: 0 },
  visitor: { roles: [], balance: BPI, stake: 0 },
  poor: { roles: ['operator'], balance: 0, stake: 0 },
};

export function keyOf(actor: string): { publicKey: string; privateKey: string } {
  return ed25519FromSeed(sha256Hex(`test account ${actor}`));
}

export const validators = testValidators(4);

/** Unsigned changes are signed anew. */
export function testGenesis(changes: Partial<Genesis> = {}): Genesis {
  const unsigned: Genesis = {
    version: 1,
    chainId: 'enc-test',
    clusterId: '6f1c2a34-9b1d-4c55-8f0e-2d7b6a5c4e31',
    agreementHash: '',
    timestamp: START,
    validatorSet: validators.set,
    consensus: { blockTimeMs: 2_000, baseTimeoutMs: 1_000, maxTimeoutMs: 8_000, maxBlockBytes: 8 * 1024 * 1024, maxBlockTransactions: 5_000 },
    economics: { minimumStake: 500 * BPI, schedulingFee: 1_000, receiptFee: 1, consensusFee: 10 },
    accounts: Object.entries(actors).map(([name, account]) => ({ name, publicKey: keyOf(name).publicKey, ...account })),
    creator: { publicKey: keyOf('creator').publicKey, signature: '' },
    ...changes,
  };
  return signGenesis(unsigned, keyOf('creator').privateKey);
}
