// A proposal has the verdict before the placement that rests on it, and gives a verdict that is on its way a moment to come.
import { expect, it, onTestFinished } from 'vitest';
import { ChainState } from './chainState.js';
import { Mempool, type Waiting } from './mempool.js';
import { ProposalMaker } from './proposalMaker.js';
import { temporaryDirectory } from './testing/temporaryDirectory.js';
import { testChain, testReport } from './testing/testChain.js';

const network = testChain(4);
const [placement, verdict] = [testReport(network, 'placement'), testReport(network, 'verdict')];

async function start() {
  const chain = await ChainState.open(temporaryDirectory(), network.genesis);
  onTestFinished(() => chain.store.close());
  const pool = new Mempool();
  const failed: string[] = [];
  const maker = new ProposalMaker(chain, pool, () => 0, { dropped: (_, reason) => failed.push(reason), failed: (reason) => failed.push(reason) });
  const add = (raw: string, more: Partial<Waiting>) => {
    const { id } = chain.reader.read(raw) as { id: string };
    pool.add({ id, raw, leaf: raw, sender: 's', validUntil: 100, patient: false, since: Date.now(), bytes: raw.length, own: true, durable: Promise.resolve(), ...more });
  };
  const made = async (wanted: () => boolean = () => true) => {
    const executed = await maker.make(0, wanted);
    expect(failed).toEqual([]);
    return executed!.block.transactions;
  };
  return { add, made, maker };
}

it('puts a verdict before the placement that came sooner', async () => {
  const { add, made } = await start();
  add(placement, { places: 'uid-1' });
  add(verdict, { letsIn: 'uid-1' });
  expect(await made()).toEqual([verdict, placement]);
});

it('waits for the verdict', async () => {
  const { add, made } = await start();
  add(placement, { places: 'uid-1' });
  let asked = 0;
  const whileItWaits = () => ((asked += 1) === 2 && add(verdict, { letsIn: 'uid-1' }), true);
  expect(await made(whileItWaits)).toEqual([verdict, placement]);
});

it('goes without it when it does not come', async () => {
  const { add, made } = await start();
  add(placement, { places: 'uid-1' });
  expect(await made()).toEqual([placement]);
});

it('stops waiting when the proposal is not wanted any more', async () => {
  const { add, maker } = await start();
  add(placement, { places: 'uid-1' });
  let asked = 0;
  expect(await maker.make(0, () => (asked += 1) < 3)).toBeUndefined();
});
