// Four validators that measure one another and themselves on clocks set by hand: who is slow has a case by itself, with the evidence attached; nobody else, and not twice in an hour.
import { afterEach, expect, it } from 'vitest';
import { bls } from '../../../crypto/bls.js';
import { toHex } from '../../../crypto/encoding.js';
import { signServiceEndpoint } from '../../client/serviceEndpoint.js';
import type { CaseRecord, LevelRecord } from '../../courtTypes.js';
import { commitmentMessage } from '../../ledger/nodes/commitment.js';
import { nodeCommit, nodeSecret } from '../../ledger/testing/samplePayloads.js';
import type { SignedTransaction, TransactionResult } from '../../types.js';
import { ChainState } from '../chainState.js';
import { Cosigner } from '../cosigner.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { meteredChain, testCertificate, testChain, testReport, testTransaction } from '../testing/testChain.js';
import { LevelMeter, PROBE_BLOCKS } from './levelMeter.js';

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
  /** Ms of executing a block. */
  execution?: (by: number) => number;
  /** Ms that each look at the clock adds: of a probe's two steps. */
  step?: number;
}

async function setUp({ line = () => 20, early = false, write = () => 5, execution = () => 3, step = 0 }: Slow = {}, genesis = network.genesis) {
  chain = await ChainState.open(temporaryDirectory(), genesis);
  let now = 0;
  const sent: string[] = [];
  const looks = keys.map(() => 0);
  const meters = keys.map((key, index) => new LevelMeter(chain, key, { rank: () => index, submit: async (raw) => (sent.push(raw), { refusals: [] }), refused: (reason) => { throw new Error(reason); }, now: () => (looks[index]!++, (now += step)) })); // prettier-ignore
  const cosigners = keys.map((ed25519, index) => new Cosigner({ chainId: genesis.chainId, ed25519 }, 0, undefined, (height, publicKey) => meters[index]!.cosigned(height, publicKey)));

  /** Final at all of them at once, then written, then cosigned. */
  const block = async (ms = 1_000, transactions: string[] = [testReport(network, 'web', chain.height + 10), ...sent.splice(0)]): Promise<TransactionResult[]> => {
    const executed = chain.build(transactions, chain.header.timestamp + ms, 0);
    await chain.commit(executed, testCertificate(network, chain.height + 1, executed.digest, [0, 1, 2]));
    const finalAt = (now += 1_000_000);
    const { header } = executed.block;
    const lines = [];
    for (const [index, meter] of meters.entries()) {
      now = finalAt + write(index);
      await meter.committed({ ...executed, ms: execution(index) }, finalAt);
      const cosignature = cosigners[index]!.committed(header, network.set);
      lines.push(cosignature);
      if (early && cosignature) for (const later of cosigners.slice(index + 1)) later.received(cosignature);
    }
    for (const [from, cosignature] of lines.entries()) {
      for (const [to, cosigner] of cosigners.entries()) {
        const took = line(from, to);
        if (to === from || took === null || !cosignature) continue;
        now = finalAt + write(to) + took;
        cosigner.received(cosignature);
      }
    }
    return executed.execution.results;
  };
  const blocks = async (count: number) => {
    for (let i = 0; i < count; i++) await block();
  };
  const statements = () => sent.map((raw) => (JSON.parse(raw) as SignedTransaction<'level.state'>).body).map(({ sender, payload }) => ({ by: keys.findIndex(({ publicKey }) => publicKey === sender), ...payload }));
  return { block, blocks, sent, statements, looks };
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

it.each<[level: string, slow: Slow, ms: number]>([
  ['storage_time', { write: (by) => (by === 3 ? 240 : 5), early: true }, 240],
  ['generation_time', { execution: (by) => (by === 3 ? 130 : 3) }, 130],
])('%s of its own that one missed, it states itself, and that is enough', async (level, slow, ms) => {
  const { block, blocks, statements } = await setUp(slow);
  await blocks(40);
  await block(HOUR);
  expect(statements()).toEqual([{ by: 3, level, respondent: keys[3]!.publicKey, ms }]);
  await block();
  expect(records<CaseRecord>('case/')).toMatchObject([{ respondent: keys[3]!.publicKey, claim: expect.stringContaining(`itself measured ${level} of ${ms} ms`) as string, evidence: [{ type: 'record' }] }]);
});

it('receipts of its own store are read and verified once in so many blocks, or once a minute', async () => {
  const { block, blocks, looks } = await setUp({ line: () => null });
  await blocks(2 * PROBE_BLOCKS + 1);
  // One at each block's durable write, three in each of the probes, the first of which is at once.
  expect(looks[0]).toBe(2 * PROBE_BLOCKS + 1 + 3 * 3);
  await block(59_000);
  await block(1_000);
  expect(looks[0]).toBe(2 * PROBE_BLOCKS + 3 + 3 * 4);
});

it('and what takes too long is stated', async () => {
  const { block, statements } = await setUp({ line: () => null, step: 100 });
  for (let i = 0; i < 20; i++) await block(60_000);
  await block(HOUR);
  expect(statements().filter(({ by }) => by === 0)).toEqual(['retrieval_time', 'verification_time'].map((level) => ({ by: 0, level, respondent: keys[0]!.publicKey, ms: 100 })));
});

it('commitments and endpoints: blocks that verify or share calls anew too slowly, and decisions that can be read too late', async () => {
  const { block, statements } = await setUp({ execution: (by) => (by === 3 ? 2_050 : 3), write: (by) => (by === 2 ? 1_001 : 5) });
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
  const own = (by: number, level: string, ms: number) => ({ by, level, respondent: keys[by]!.publicKey, ms });
  expect(statements()).toEqual([own(2, 'service_discovery', 1_001), own(3, 'resource_verification', 2_050), own(3, 'load_balancing', 2_050)]);
});

it('a network without an economy measures nothing', async () => {
  const { block, blocks, sent } = await setUp({ line: () => 900, write: () => 900 }, testChain(4).genesis);
  await blocks(40);
  await block(HOUR);
  expect(sent).toEqual([]);
});
