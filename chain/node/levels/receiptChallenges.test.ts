// A receipt that is sent to be verified: good or not as it was made, well formed in any case, and not too often for one peer.
import { expect, it } from 'vitest';
import { bundleShape } from '../../../receipts/receiptShapes.js';
import { faultOf } from '../../../receipts/shape.js';
import { ChainState } from '../chainState.js';
import { receiptBundle } from '../api/receiptRoutes.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { testCertificate, testChain, testReport } from '../testing/testChain.js';
import { challengeOf, ReceiptChallenges, SPOILT } from './receiptChallenges.js';

const network = testChain(4);

it.each(SPOILT.slice(1))('with nothing or one signature wrong (%s) it is told as what it is', async (spoil) => {
  const chain = await ChainState.open(temporaryDirectory(), network.genesis);
  try {
    const executed = chain.build([testReport(network, 'web', 10)], chain.header.timestamp + 1_000, 0);
    await chain.commit(executed, testCertificate(network, 1, executed.digest, [0, 1, 2]));
    const own = receiptBundle({ store: chain.store, keys: network.keys[0]!, sets: () => chain.sets }, executed.execution.results[0]!.transactionId)!;
    const { bundle, isGood } = challengeOf(own, spoil);
    expect(faultOf(bundleShape, bundle, 'receipt')).toBeUndefined();
    expect(isGood).toBe(spoil === 'none');
    expect(new ReceiptChallenges(network.genesis, () => 0).verify(0, JSON.parse(JSON.stringify(bundle)))).toBe(isGood);
  } finally {
    await chain.store.close();
  }
});

it('answers each peer once a second, whatever it sends', () => {
  let now = 0;
  const challenges = new ReceiptChallenges(network.genesis, () => now);
  const answers = [1, 1, 2].map((from) => challenges.verify(from, null));
  now = 1_000;
  expect([...answers, challenges.verify(1, { version: 1 })]).toEqual([false, undefined, false, false]);
});
