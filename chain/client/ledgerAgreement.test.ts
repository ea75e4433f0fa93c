// Client and ledger were written apart; here each accepts what the other makes: transactions, policy sets, blocks.
import { describe, expect, it } from 'vitest';
import { withDefaults } from '../../api/defaults.js';
import type { EncClusterSpec } from '../../api/index.js';
import { canonicalJson, sha256OfJson } from '../../crypto/canonicalJson.js';
import { testCertificate, testValidators } from '../../receipts/testing/testValidators.js';
import { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import { policySetAt } from '../ledger/policySet/policySet.js';
import { TestChain } from '../ledger/testing/testChain.js';
import { keyOf } from '../ledger/testing/testGenesis.js';
import { TransactionReader } from '../ledger/transactionReader.js';
import { stateKeys, type PolicySetRecord, type SignedTransaction } from '../types.js';
import { buildTransaction, signTogether, unsigned } from './buildTransaction.js';
import { HeaderChain } from './headerChain.js';
import { assemblePolicySet } from './assemblePolicySet.js';
import { mayChangePolicySet } from './policySetFollower.js';
import { verifyBody } from './verifyBlock.js';

const cluster = withDefaults('EncCluster', {
  clusterId: '6f1c2a34-9b1d-4c55-8f0e-2d7b6a5c4e31',
  regions: ['EU'],
  validators: { size: 4, endpoints: ['http://127.0.0.1:21001'] },
} as EncClusterSpec);

describe('client and ledger', () => {
  const chain = new TestChain();
  const operator = keyOf('operator');
  const body = chain.body('operator', 'cluster.put', { name: 'eu', uid: 'u1', generation: 1, spec: cluster });

  it('agree on the bytes, the id and the signature of a transaction', () => {
    const { id, raw } = buildTransaction(body, operator.privateKey);
    expect(new TransactionReader().read(raw)).toMatchObject({ id, raw });
    expect(raw).toBe(chain.sign('operator', 'cluster.put', body.payload, body));
  });

  it('agree on what is signed together: each with its own id, valid alone, and of no other', async () => {
    const bodies = Array.from({ length: 7 }, (_, i) => chain.body('operator', 'cluster.put', { name: `eu-${i}`, uid: `u${i}`, generation: 1, spec: cluster }));
    const built = signTogether(bodies.map(unsigned), operator.privateKey);
    const reader = new TransactionReader();
    for (const [i, { id, raw }] of built.entries()) {
      expect(id).toBe(sha256OfJson(bodies[i]));
      expect(await new TransactionReader().readAsync(raw)).toMatchObject({ id, raw });
      expect(reader.read(raw)).toMatchObject({ id, raw });
    }
    const parsed = built.map(({ raw }) => JSON.parse(raw) as SignedTransaction);
    const strange: SignedTransaction[] = [
      { ...parsed[0]!, batch: parsed[1]!.batch },
      { ...parsed[0]!, body: parsed[1]!.body },
      { ...parsed[0]!, batch: { ...parsed[0]!.batch!, size: 8 } },
      { body: parsed[0]!.body, signature: parsed[0]!.signature },
      { ...parsed[0]!, signature: buildTransaction(bodies[0]!, operator.privateKey).raw.slice(-130, -2) },
    ];
    for (const transaction of strange) {
      expect(reader.read(canonicalJson(transaction))).toMatchObject({ code: 'BadSignature' });
      expect(await new TransactionReader().readAsync(canonicalJson(transaction))).toMatchObject({ code: 'BadSignature' });
    }
  });

  it('agree on blocks and policy sets', () => {
    chain.commit([buildTransaction(body, operator.privateKey).raw]);
    expect(chain.blocks.at(-1)!.statements[0]).toContain('"outcome":"applied"');
    const block = chain.blocks.at(-1)!;
    const { results } = verifyBody({ ...block, certificate: undefined as never }, MerkleFrontier.empty());
    expect(results).toMatchObject([
      { transactionId: sha256OfJson(body), outcome: 'applied', height: 1, index: 0, object: { kind: 'EncCluster', name: 'eu' } },
    ]);

    const before = assemblePolicySet(chain.record<PolicySetRecord>(stateKeys.policySet(0))!, () => ({}));
    expect(mayChangePolicySet({ ...block, certificate: undefined as never }, before)).toBe(true);
    const record = chain.record<PolicySetRecord>(stateKeys.policySet(1))!;
    const objects = new Map(record.members.map(({ hash }) => [hash, chain.record<object>(stateKeys.object(hash))!]));
    expect(assemblePolicySet(record, (hash) => objects.get(hash)!)).toEqual(policySetAt(chain.state, 1));
  });

  it('agree on headers', () => {
    const headers = new HeaderChain(chain.genesis);
    const { header } = chain.blocks[0]!;
    headers.startAt({ header, certificate: testCertificate(testValidators(4), header, [0, 1, 2]) });
    expect(headers.head).toEqual(chain.header);
  });
});
