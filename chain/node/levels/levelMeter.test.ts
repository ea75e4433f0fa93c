// Four validators that measure one another on clocks set by hand: who is slow has a case by itself, with the evidence attached; nobody else, and not twice in an hour.
import { afterEach, expect, it } from 'vitest';
import { bls } from '../../../crypto/bls.js';
import { toHex } from '../../../crypto/encoding.js';
import { signServiceEndpoint } from '../../client/serviceEndpoint.js';
import type { CaseRecord, LevelRecord } from '../../courtTypes.js';
import { commitmentMessage } from '../../ledger/nodes/commitment.js';
import { nodeCommit, nodeSecret } from '../../ledger/testing/samplePayloads.js';
import type { SignedTransaction, TransactionResult } from '../../types.js';
import type { Statement } from '../../../receipts/types.js';
import { receiptBundle } from '../api/receiptRoutes.js';
import { ChainState } from '../chainState.js';
import { Cosigner, type Cosignature } from '../cosigner.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { meteredChain, testCertificate, testChain, testReport, testTransaction } from '../testing/testChain.js';
import { LevelMeter, PROBE_MS, SHOWING_RECEIPTS } from './levelMeter.js';
import { ReceiptChallenges } from './receiptChallenges.js';
import { NO_RECEIPT } from './receiptProbe.js';

const network = meteredChain(4);
const HOUR = 3_600_000;
const keys = network.keys.map(({ ed25519 }) => ed25519);
let chain: ChainState;
afterEach(() => chain.store.close());

interface Slow {
  /** Ms from another's durable write until a validator's cosignature is there; null: never. */
  line?: (by: number, to: number) => number | null;
  /** Cosignatures are there before those who come later in the order have written the block. */
  early?: boolean;
  /** Ms of the durable write. */
  write?: (by: number) => number;
  /** Ms from a proposal to a validator's vote; null: it never votes. `late`: after the block is final. */
  vote?: (by: number) => number | null;
  late?: boolean;
  /** Ms of an answer with a receipt, and of an empty one; null: never. What it answers with, where it is not the receipt. */
  answer?: (by: number) => number | null;
  line0?: number;
  bundle?: (by: number) => unknown;
  /** Ms of verifying a receipt, and what it finds, where that is not the truth; null: never. */
  verification?: (by: number) => number | null;
  finds?: (by: number, isGood: boolean) => boolean;
}

async function setUp({ line = () => 20, early = false, write = () => 5, vote = () => 3, late = false, answer = () => 5, line0 = 2, bundle, verification = () => 5, finds = (_by, isGood) => isGood }: Slow = {}, genesis = network.genesis) {
  chain = await ChainState.open(temporaryDirectory(), genesis);
  let now = 0;
  const sent: string[] = [];
  const asked: string[] = [];
  const questions: (() => void)[] = [];
  /** Answers come after who asked has noted that it did. */
  const ask = (from: number) => (publicKey: string, id: string): boolean => {
    const to = keys.findIndex((key) => key.publicKey === publicKey);
    asked.push(`${from} ${to}`);
    const ms = id === NO_RECEIPT ? line0 : answer(to);
    if (ms === null) return true;
    const shown = id === NO_RECEIPT ? null : JSON.parse(JSON.stringify(receiptBundle({ store: chain.store, keys: { ed25519: keys[to]! }, sets: () => chain.sets }, id)));
    const askedAt = now;
    questions.push(() => {
      now = askedAt + ms;
      meters[from]!.answered(publicKey, id, id === NO_RECEIPT || !bundle ? shown : bundle(to));
    });
    return true;
  };
  let turn = 0;
  const draws = keys.map(() => 0);
  const challenges = new ReceiptChallenges(genesis, () => (turn += 10_000));
  const challenge = (from: number) => (publicKey: string, id: string, shown: unknown): boolean => {
    const to = keys.findIndex((key) => key.publicKey === publicKey);
    const ms = verification(to);
    if (ms === null) return true;
    const askedAt = now;
    questions.push(() => {
      now = askedAt + ms;
      meters[from]!.verified(publicKey, id, finds(to, challenges.verify(to, shown)!));
    });
    return true;
  };
  const meters = keys.map((key, index) => new LevelMeter(chain, key, { rank: () => index, submit: async (raw) => (sent.push(raw), { refusals: [] }), refused: (reason) => { throw new Error(reason); }, ask: ask(index), challenge: challenge(index), random: (below) => draws[index]!++ % below, now: () => now })); // prettier-ignore
  const cosigners = keys.map((ed25519, index) => new Cosigner({ chainId: genesis.chainId, ed25519 }, 0, undefined, (height, publicKey) => meters[index]!.cosigned(height, publicKey)));

  const cosign = (lines: (Cosignature | undefined)[], finalAt: number) => {
    for (const [from, cosignature] of lines.entries()) {
      for (const [to, cosigner] of cosigners.entries()) {
        const took = line(from, to);
        if (to === from || took === null || !cosignature) continue;
        now = finalAt + write(to) + took;
        cosigner.received(cosignature);
      }
    }
  };

  /** Proposed, voted on, final at all of them at once, then written, then cosigned; questions are answered in between. */
  const block = async (ms = 1_000, transactions: string[] = [testReport(network, 'web', chain.height + 10), ...sent.splice(0)]): Promise<TransactionResult[]> => {
    const executed = chain.build(transactions, chain.header.timestamp + ms, 0);
    const proposedAt = (now += 1_000_000);
    for (const meter of meters) meter.proposed(executed.digest);
    const votes = () => {
      for (const [from, { publicKey }] of keys.entries()) {
        const took = vote(from);
        now = proposedAt + (took ?? 0);
        if (took !== null) for (const [to, meter] of meters.entries()) if (to !== from) meter.heard({ payload: { type: 'prepare', digest: executed.digest } }, publicKey);
      }
    };
    if (!late) votes();
    await chain.commit(executed, testCertificate(network, chain.height + 1, executed.digest, [0, 1, 2]));
    const finalAt = (now += 1_000_000);
    const { header } = executed.block;
    const lines = [];
    for (const [index, meter] of meters.entries()) {
      now = finalAt + write(index);
      await meter.committed(executed);
      const cosignature = cosigners[index]!.committed(header, network.set);
      lines.push(cosignature);
      if (early && cosignature) for (const later of cosigners.slice(index + 1)) later.received(cosignature);
    }
    cosign(lines, finalAt);
    if (late) votes();
    now = finalAt + 10_000_000;
    for (let next = questions.shift(); next; next = questions.shift()) next();
    return executed.execution.results;
  };
  const blocks = async (count: number) => {
    for (let i = 0; i < count; i++) await block();
  };
  const full = () => block(1_000, Array.from({ length: SHOWING_RECEIPTS }, (_, i) => testReport(network, `web-${i}`, chain.height + 10)));
  const statements = () => sent.map((raw) => (JSON.parse(raw) as SignedTransaction<'level.state'>).body).map(({ sender, payload }) => ({ by: keys.findIndex(({ publicKey }) => publicKey === sender), ...payload }));
  return { block, blocks, full, sent, statements, asked, meters };
}
const records = <T>(prefix: string): T[] => [...chain.store.list(prefix)].map(([, text]) => JSON.parse(text) as T);

it('cosignatures of one that come after 250 ms: the three others state it, and its case opens with their statements as evidence', async () => {
  const { block, blocks, sent, statements } = await setUp({ line: (by) => (by === 3 ? 250 : 20) });
  await blocks(40);
  expect(sent).toEqual([]);
  await block(HOUR);
  const slow = keys[3]!.publicKey;
  expect(statements()).toEqual([0, 1, 2].map((by) => ({ by, level: 'storage_time', respondent: slow, ms: 250 })));
  expect((await block()).slice(1).map(({ code }) => code)).toEqual(['Stated', 'Stated', 'Stated']);
  const [opened, ...more] = records<CaseRecord>('case/');
  expect(more).toEqual([]);
  const [level] = records<LevelRecord>('level/');
  expect(level!.stated).toEqual(Object.fromEntries([0, 1, 2].map((by) => [keys[by]!.publicKey, 250])));
  expect(opened).toMatchObject({
    category: 'Performance',
    respondent: slow,
    claim: expect.stringContaining('a correct one of them says at least 250 ms; less than 200 ms are agreed (6.3 storage_time)') as string,
    evidence: [{ type: 'record', shows: expect.stringContaining(`level/storage_time.${slow}.${level!.hour}`) as string }],
  });
  await blocks(40);
  expect(sent).toEqual([]);
});

it.each<[what: string, slow: Slow, count: number]>([
  ['199 ms are in time', { line: (by) => (by === 3 ? 199 : 20), write: () => 199 }, 40],
  ['too few blocks to say', { line: (by) => (by === 3 ? 900 : 20) }, 20],
  ['one whose own link is slow sees all others late, and blames nobody', { line: (_by, to) => (to === 3 ? 900 : 20) }, 40],
  ['what was there before the block was durable here', { line: (by) => (by === 0 ? 900 : 20), early: true }, 40],
  ['what never comes is no late answer: uptime shows it', { line: (by) => (by === 3 ? null : 20) }, 40],
])('nothing is stated: %s', async (_what, slow, count) => {
  const { block, blocks, sent } = await setUp(slow);
  await blocks(count);
  await block(HOUR);
  expect(sent).toEqual([]);
});

const byOthers = (level: string, ms: number, slow = 3) => [0, 1, 2, 3].filter((by) => by !== slow).map((by) => ({ by, level, respondent: keys[slow]!.publicKey, ms }));

it.each<[what: string, slow: Slow, count: number, stated: object[]]>([
  ['votes 100 ms a receipt late', { vote: (by) => (by === 3 ? 100 * SHOWING_RECEIPTS : 3) }, 30, byOthers('generation_time', 100)],
  ['votes that come after the block is final', { vote: (by) => (by === 3 ? 100 * SHOWING_RECEIPTS : 3), late: true }, 30, byOthers('generation_time', 100)],
  ['votes in time', { vote: (by) => (by === 3 ? 100 * SHOWING_RECEIPTS - 1 : 3) }, 30, []],
  ['too few blocks that show it', { vote: (by) => (by === 3 ? 100 * SHOWING_RECEIPTS : 3) }, 29, []],
  ['no votes at all: participation shows that', { vote: (by) => (by === 3 ? null : 3) }, 30, []],
  ['votes late by two of four: then it may be the own line', { vote: (by) => (by >= 2 ? 100 * SHOWING_RECEIPTS : 3) }, 30, []],
])('making receipts, as others’ votes show it: %s', async (_what, slow, count, stated) => {
  const { block, full, statements } = await setUp(slow);
  for (let i = 0; i < count; i++) await full();
  await block(HOUR);
  // Of two late ones each sees the other alone, and blames it; one is no f+1.
  expect(statements().filter(({ by }) => stated.length > 0 || by < 2)).toEqual(stated);
});

it('votes for blocks of few receipts say nothing about making them', async () => {
  const { block, blocks, sent } = await setUp({ vote: (by) => (by === 3 ? 900 : 3) });
  await blocks(40);
  await block(HOUR);
  expect(sent).toEqual([]);
});

it.each<[what: string, slow: Slow, ms: number | undefined]>([
  ['102 ms, of which the line takes 2', { answer: (by) => (by === 3 ? 102 : 5) }, 100],
  ['101 ms, of which the line takes 2', { answer: (by) => (by === 3 ? 101 : 5) }, undefined],
  ['a long line', { answer: () => 250, line0: 240 }, undefined],
  ['none', { answer: (by) => (by === 3 ? null : 5) }, 60_000],
  ['nothing', { bundle: (by) => (by === 3 ? null : good(by)) }, 60_000],
  ['another receipt', { bundle: (by) => (by === 3 ? { envelope: { payload: '' }, inclusion: {} } : good(by)) }, 60_000],
  ['anything', { bundle: (by) => (by === 3 ? 0.5 : good(by)) }, 60_000],
])('an answer with a receipt that takes: %s', async (_what, slow, ms) => {
  const { block, statements } = await setUp(slow);
  for (let i = 0; i < 21; i++) await block(60_000);
  await block(HOUR);
  expect(statements()).toEqual(ms === undefined ? [] : byOthers('retrieval_time', ms));
});
const good = (by: number) => {
  const { header, store } = chain;
  const leaf = header.logSize - 1 - (Number.parseInt(header.previousHash.slice(0, 12), 16) % Math.min(64, header.logSize));
  const { receiptId } = (JSON.parse(store.logTables.statements(leaf, leaf + 1)[0]!) as Statement).predicate;
  return JSON.parse(JSON.stringify(receiptBundle({ store, keys: { ed25519: keys[by]! }, sets: () => chain.sets }, receiptId))) as unknown;
};

it.each<[what: string, slow: Slow, ms: number | undefined]>([
  ['52 ms, of which the line takes 2', { verification: (by) => (by === 3 ? 52 : 5) }, 50],
  ['51 ms, of which the line takes 2', { verification: (by) => (by === 3 ? 51 : 5) }, undefined],
  ['an answer that never comes', { verification: (by) => (by === 3 ? null : 5) }, 60_000],
  ['always yes', { finds: (by, isGood) => by === 3 || isGood }, 60_000],
  ['always no', { finds: (by, isGood) => by !== 3 && isGood }, 60_000],
])('a receipt that is sent to be verified: %s', async (_what, slow, ms) => {
  const { block, statements } = await setUp(slow);
  for (let i = 0; i < 21; i++) await block(60_000);
  await block(HOUR);
  expect(statements()).toEqual(ms === undefined ? [] : byOthers('verification_time', ms));
});

it('each other validator is asked once a minute: an empty question, then for the receipt', async () => {
  const { block, asked } = await setUp();
  const each = 4 * 3 * 2;
  await block();
  expect(asked).toHaveLength(each);
  await block(PROBE_MS - 1);
  expect(asked).toHaveLength(each);
  await block(1);
  expect(asked).toHaveLength(2 * each);
});

it('commitments and endpoints: blocks that verify or share calls anew too slowly, and decisions that can be read too late', async () => {
  const { block, statements } = await setUp({ vote: (by) => (by === 3 ? 2_050 : 3), line: (by) => (by === 2 ? 1_001 : 20) });
  const { chainId } = network.genesis;
  const commit = (pods: number) => {
    const unsigned = nodeCommit('eu-1', { pods });
    return testTransaction(network, 'node.commit', { ...unsigned, commitmentSignature: toHex(bls.sign(nodeSecret('eu-1'), commitmentMessage(chainId, unsigned))) });
  };
  const endpoint = { serviceId: 'payments/api', endpointUrl: 'http://10.0.0.1:80' };
  const beat = (healthy: boolean) => testTransaction(network, 'endpoint.beat', { endpoints: [{ ...endpoint, healthy, latencyMicros: 1_000 }] });
  for (let i = 0; i < 5; i++) expect(await block(1_000, [commit(100 + i)])).toMatchObject([{ outcome: 'applied' }]);
  await block(1_000, [testTransaction(network, 'endpoint.put', signServiceEndpoint(chainId, { ...endpoint, nodeId: 'eu-1', capabilities: [] }, nodeSecret('eu-1')))]);
  for (let i = 0; i < 5; i++) expect(await block(1_000, [beat(i % 2 === 0)])).toMatchObject([{ code: 'Heard', details: { balanced: [endpoint.serviceId] } }]);
  await block(HOUR);
  const stated = [byOthers('service_discovery', 1_001, 2), byOthers('resource_verification', 2_050), byOthers('load_balancing', 2_050)].flat();
  expect(statements()).toEqual(expect.arrayContaining(stated));
  expect(statements()).toHaveLength(stated.length);
});

it('messages that are none are no votes', async () => {
  const { block, full, sent, meters } = await setUp({ vote: () => null });
  for (let i = 0; i < 30; i++) {
    for (const message of [null, 1, {}, { payload: null }, { payload: { type: 'prepare', digest: 1 } }, { payload: { type: 'commit', digest: 'ab' } }]) meters[0]!.heard(message, keys[3]!.publicKey);
    await full();
  }
  await block(HOUR);
  expect(sent).toEqual([]);
});

it('a network without an economy measures nothing', async () => {
  const { block, blocks, sent } = await setUp({ line: () => 900, vote: () => 9_000, answer: () => 900 }, testChain(4).genesis);
  await blocks(40);
  await block(HOUR);
  expect(sent).toEqual([]);
});
