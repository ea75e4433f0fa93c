// A small network with real keys for tests: genesis, signed transactions, and certificates by its validators.
import { randomUUID } from 'node:crypto';
import { bls } from '../../../crypto/bls.js';
import { ed25519FromSeed, type Ed25519KeyPair } from '../../../crypto/ed25519.js';
import { toHex } from '../../../crypto/encoding.js';
import { sha256Hex } from '../../../crypto/hash.js';
import { buildCertificate } from '../../../receipts/certificates.js';
import { commitSealMessage } from '../../../receipts/commitSeal.js';
import type { Certificate } from '../../../receipts/types.js';
import { signGenesis } from '../../ledger/genesis.js';
import { encodeTransaction, signTransaction } from '../../ledger/transaction.js';
import type { Genesis, Payloads, TransactionType } from '../../types.js';
import { testSet, type TestSet } from './testSet.js';

export interface TestChain extends TestSet {
  genesis: Genesis;
  operator: Ed25519KeyPair;
}

export function testChain(size: number, consensus: Partial<Genesis['consensus']> = {}): TestChain {
  const test = testSet(size);
  const operator = ed25519FromSeed(sha256Hex('operator'));
  const creator = ed25519FromSeed(sha256Hex('creator'));
  const unsigned: Genesis = {
    version: 1,
    chainId: test.chainId,
    clusterId: '7f2c1d0e-5a7b-4c3d-9e8f-0a1b2c3d4e5f',
    agreementHash: '',
    timestamp: 1_790_000_000_000,
    validatorSet: test.set,
    consensus: { blockTimeMs: 500, baseTimeoutMs: 1_000, maxTimeoutMs: 2_000, maxBlockBytes: 1024 * 1024, maxBlockTransactions: 1_000, ...consensus },
    economics: { minimumStake: 0, schedulingFee: 0, receiptFee: 1, consensusFee: 0 },
    accounts: [{ publicKey: operator.publicKey, name: 'operator', roles: ['operator'], balance: 1_000_000_000, stake: 0 }],
    creator: { publicKey: creator.publicKey, signature: '' },
  };
  return { ...test, operator, genesis: signGenesis(unsigned, creator.privateKey) };
}

/** The same with an economy; each validator's key is an account's, and the operator has nodes too. */
export function meteredChain(size: number): TestChain {
  const base = testChain(size);
  const validators = base.set.validators.map(({ address: name, ed25519PublicKey: publicKey }) => ({ publicKey, name, roles: ['validator' as const], balance: 1_000_000, stake: 1 }));
  const metered: Genesis = { ...base.genesis, economy: { rewardPool: 1_000_000_000, insuranceFund: 0, parameters: {} }, accounts: [{ ...base.genesis.accounts[0]!, roles: ['operator', 'node-operator'] }, ...validators] };
  return { ...base, genesis: signGenesis(metered, ed25519FromSeed(sha256Hex('creator')).privateKey) };
}

/** Raw transaction of the operator. */
export function testTransaction<T extends TransactionType>({ genesis, operator }: TestChain, type: T, payload: Payloads[T], validUntil = 500): string {
  const body = { chainId: genesis.chainId, type, operationId: randomUUID(), sender: operator.publicKey, validUntil, payload };
  return encodeTransaction(signTransaction(body, operator.privateKey));
}

export function testReport(chain: TestChain, name: string, validUntil?: number): string {
  const object = { kind: 'Workload', namespace: 'shop', name, uid: randomUUID() };
  return testTransaction(chain, 'reconcile.report', { object, generation: 1, outcome: 'applied', reason: 'a test', actions: [] }, validUntil);
}

/** Sealed by these validators in round 0. */
export function testCertificate({ chainId, keys }: TestSet, height: number, blockHash: string, signers = keys.map((_, i) => i)): Certificate {
  const message = commitSealMessage(chainId, height, 0, blockHash);
  const seals = signers.map((validator) => ({ validator, seal: toHex(bls.sign(keys[validator]!.bls.privateKey, message)) }));
  return buildCertificate({ height, round: 0, blockHash }, keys.length, seals);
}
