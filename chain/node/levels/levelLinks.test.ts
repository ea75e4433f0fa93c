// Two validators' dialogues joined: a question for a receipt and one to verify it go over, are answered from the other's store, and are measured.
import { expect, it } from 'vitest';
import type { Ed25519KeyPair } from '../../../crypto/ed25519.js';
import type { ReceiptBundle } from '../../../receipts/types.js';
import { receiptBundle } from '../api/receiptRoutes.js';
import { ChainState } from '../chainState.js';
import { PeerDialogue, type DialogueHooks } from '../peerDialogue.js';
import { SnapshotFiles } from '../snapshot/snapshotFiles.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { meteredChain, testCertificate, testReport } from '../testing/testChain.js';
import { levelAnswers, levelQuestions } from './levelLinks.js';
import { challengeOf, SPOILT } from './receiptChallenges.js';
import { ReceiptProbe } from './receiptProbe.js';

const network = meteredChain(4);
const [own, other] = network.keys.map(({ ed25519 }) => ed25519) as [Ed25519KeyPair, Ed25519KeyPair];

it.each(SPOILT.slice(1))('a receipt comes with its proof and is verified, spoilt or not: %s', async (spoil) => {
  const chain = await ChainState.open(temporaryDirectory(), network.genesis);
  try {
    const executed = chain.build([testReport(network, 'web', 10)], chain.header.timestamp + 1_000, 0);
    await chain.commit(executed, testCertificate(network, 1, executed.digest, [0, 1, 2]));
    const receiptId = executed.execution.results[0]!.transactionId;
    const receiptOf = (key: Ed25519KeyPair) => (id: string) => receiptBundle({ store: chain.store, keys: { ed25519: key }, sets: () => chain.sets }, id);

    const seen: unknown[] = [];
    const joined = (key: Ed25519KeyPair, to: () => PeerDialogue): PeerDialogue =>
      new PeerDialogue(chain.store, new SnapshotFiles('/nowhere'), {
        ...levelAnswers(network.genesis, () => Object.assign(probe, { heard: () => undefined }), () => other.publicKey), // prettier-ignore
        receiptOf: receiptOf(key),
        answer: (_, message) => queueMicrotask(() => to().received(0, message)),
        malformed: (_, reason) => seen.push(reason),
      } as Partial<DialogueHooks> as DialogueHooks);
    let now = 0;
    const probe = new ReceiptProbe({
      ...levelQuestions((publicKey, message) => {
        if (publicKey === other.publicKey) queueMicrotask(() => theirs.received(0, message));
        return publicKey === other.publicKey;
      }),
      measured: (level, publicKey, ms) => seen.push([level, publicKey, ms]),
      now: () => (now += 7),
    });
    const ours = joined(own, () => theirs);
    const theirs: PeerDialogue = joined(other, () => ours);

    const bundle = receiptOf(own)(receiptId)!;
    probe.begin(own.publicKey, { receiptId, isAnswer: () => true, challenge: () => challengeOf(bundle, spoil) });
    probe.begin(other.publicKey, { receiptId, isAnswer: (given) => (given as ReceiptBundle).envelope.payload === bundle.envelope.payload, challenge: () => challengeOf(bundle, spoil) });
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['retrieval_time', 'verification_time'].map((level) => [level, other.publicKey, 0]));
  } finally {
    await chain.store.close();
  }
});
