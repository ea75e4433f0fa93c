// A validator's own reports: one heartbeat a slot, and certificates in turn until everybody who signed is credited.
import { describe, expect, it } from 'vitest';
import type { MeterRecord } from '../economyTypes.js';
import { METERS } from '../ledger/rewards/participants.js';
import type { SignedTransaction, TransactionResult } from '../types.js';
import { ChainState } from './chainState.js';
import { DutyReporter, turnOf } from './dutyReporter.js';
import { temporaryDirectory } from './testing/temporaryDirectory.js';
import { meteredChain, testCertificate, testChain } from './testing/testChain.js';

const base = testChain(4);
const network = meteredChain(4);

async function setUp(economy = true) {
  const genesis = economy ? network.genesis : base.genesis;
  const chain = await ChainState.open(temporaryDirectory(), genesis);
  const sent: string[] = [];
  const refused: string[] = [];
  const reporters = network.keys.map(
    ({ ed25519 }, index) => new DutyReporter(chain, ed25519, { rank: () => index, submit: async (raw) => (sent.push(raw), { refusals: [] }), refused: (reason) => refused.push(reason) }),
  );
  const block = async (stepMs = 2_000, signers = [0, 1, 2]): Promise<TransactionResult[]> => {
    const executed = chain.build(sent.splice(0), chain.header.timestamp + stepMs, 0);
    await chain.commit(executed, testCertificate(network, chain.height + 1, executed.digest, signers));
    for (const reporter of reporters) await reporter.committed();
    return executed.execution.results;
  };
  const types = () => sent.map((raw) => (JSON.parse(raw) as SignedTransaction).body.type);
  const meters = () => [...chain.store.list(METERS)].map(([, text]) => JSON.parse(text) as MeterRecord);
  return { chain, block, sent, types, meters };
}

describe('duties of a validator', () => {
  it('are a heartbeat in each slot, which the ledger counts', async () => {
    const { chain, block, types, meters } = await setUp();
    await block();
    expect(types()).toEqual(Array(4).fill('node.heartbeat'));
    expect((await block()).map(({ code }) => code)).toEqual(Array(4).fill('Heard'));
    expect(types()).toEqual([]);
    await block(60_000);
    expect(types()).toEqual(Array(4).fill('node.heartbeat'));
    await block();
    expect(meters().map(({ beats }) => beats)).toEqual([2, 2, 2, 2]);
    await chain.store.close();
  });

  it('are certificates, until each block credits everybody that any certificate shows', async () => {
    const { chain, block, meters, types } = await setUp();
    for (let i = 0; i < 2 * 32; i++) await block(100);
    expect(types()).toContain('participation.report');
    await block(100);
    expect(meters().map(({ rounds }) => rounds > 0).filter(Boolean)).toHaveLength(3);
    await chain.store.close();
  });

  it('are none where nothing is metered', async () => {
    const { chain, block, sent } = await setUp(false);
    for (let i = 0; i < 3; i++) await block(60_000);
    expect(sent).toEqual([]);
    await chain.store.close();
  });

  it('come in turn, and all have had one before a certificate is too old', () => {
    for (const validators of [1, 4, 7, 31, 100]) {
      const turns = Array.from({ length: 900 }, (_, height) => turnOf(height, 0, validators).turn);
      expect(new Set(turns).size, String(validators)).toBeGreaterThanOrEqual(validators);
      expect(turnOf(0, 0, validators).isOwn).toBe(true);
    }
  });
});
