// The shell's side of the contract with the core: what is done for each effect, in which order, and what ends the node.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { headerHash } from '../../receipts/headerHash.js';
import type { Effect, Event, VoteRecord } from '../consensus/types.js';
import type { Block } from '../types.js';
import { ChainState } from './chainState.js';
import { ConsensusDriver, type DriverHooks, type VoteStore } from './consensusDriver.js';
import { Mempool } from './mempool.js';
import { ProposalMaker } from './proposalMaker.js';
import { temporaryDirectory } from './testing/temporaryDirectory.js';
import { testCertificate, testChain, testReport } from './testing/testChain.js';

const network = testChain(1);
type Reaction = (event: Event<Block>) => Effect<Block>[];

async function start(react: Reaction, votes: Partial<VoteStore> = {}) {
  const chain = await ChainState.open(temporaryDirectory(), network.genesis);
  const events: Event<Block>[] = [];
  const calls: string[] = [];
  const pool = new Mempool();
  const hooks: DriverHooks = {
    selfIn: () => 0,
    encode: () => new Uint8Array(1),
    broadcast: (channel) => calls.push(`broadcast ${channel}`),
    send: (peer, channel) => calls.push(`send ${peer} ${channel}`),
    behind: (peer, height) => calls.push(`behind ${peer} ${height}`),
    evidence: (kind) => calls.push(`evidence ${kind}`),
    committed: ({ block, execution }) => {
      for (const { transactionId } of execution.results) pool.remove(transactionId);
      calls.push(`committed ${block.header.height} with ${block.transactions.length}`);
    },
    proposed: () => undefined,
    invalidProposal: (height, _round, reason) => calls.push(`invalid ${height}: ${reason}`),
    fatal: (error) => calls.push(`fatal ${(error as { code?: string }).code ?? String(error)}`),
    hasWork: () => pool.size > 0,
  };
  const core = { round: 0, step: (event: Event<Block>) => (events.push(event), react(event)) };
  const store: VoteStore = { cast: 0, append: async () => undefined, finalised: async () => undefined, ...votes };
  const maker = new ProposalMaker(chain, pool, () => 0, { dropped: (_, reason) => calls.push(`dropped ${reason}`), failed: (reason) => calls.push(`failed ${reason}`) });
  const driver = new ConsensusDriver(chain, core, store, maker, hooks);
  onTestFinished(async () => {
    driver.stop();
    await chain.exclusive(async () => undefined);
    await chain.store.close();
  });
  return { chain, driver, events, calls, pool, types: () => events.map(({ type }) => type) };
}
const vote = { from: 0, payload: { type: 'prepare', height: 1, round: 0, digest: 'ab'.repeat(32) }, signature: '' } as const;
const record: VoteRecord<Block> = { height: 1, vote, prepared: null };
const on = <T extends Event<Block>['type']>(type: T, effects: (event: Extract<Event<Block>, { type: T }>) => Effect<Block>[]): Reaction => (event) =>
  event.type === type ? effects(event as Extract<Event<Block>, { type: T }>) : [];

describe('ConsensusDriver', () => {
  it('says Persisted only when the record is durable', async () => {
    let durable = (): void => undefined;
    const { driver, types } = await start(
      on('Start', () => [{ type: 'Persist', token: 7, record }]),
      { append: () => new Promise((resolve) => (durable = resolve)) },
    );
    driver.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(types()).toEqual(['Start']);
    durable();
    await vi.waitFor(() => expect(types()).toEqual(['Start', 'Persisted']));
  });

  it('ends the node when a vote cannot be made durable', async () => {
    const { driver, calls } = await start(on('Start', () => [{ type: 'Persist', token: 1, record }]), {
      append: () => Promise.reject(Object.assign(new Error('full'), { code: 'StorageFailed' })),
    });
    driver.start();
    await vi.waitFor(() => expect(calls).toEqual(['fatal StorageFailed']));
  });

  it('sends votes and blocks in their channels, and keeps timers by their ids', async () => {
    const { driver, calls, types } = await start(
      on('Start', () => [
        { type: 'Broadcast', message: vote },
        { type: 'Send', to: 2, message: { ...vote, block: {} as Block, justification: { roundChanges: [], prepares: [] } } as never },
        { type: 'RequestSync', height: 9, fromPeer: 3 },
        { type: 'Evidence', kind: 'prepare', first: vote, second: vote },
        { type: 'SetTimer', id: 'a', afterMs: 5 },
        { type: 'SetTimer', id: 'b', afterMs: 5 },
        { type: 'ClearTimer', id: 'a' },
      ]),
    );
    driver.start();
    await vi.waitFor(() => expect(types()).toEqual(['Start', 'Timer']));
    expect(calls).toEqual(['broadcast votes', 'send 2 blocks', 'behind 3 9', 'evidence prepare']);
  });

  it('proposes what waits, commits it and starts the next height, with no work left', async () => {
    const raw = testReport(network, 'a');
    const react: Reaction = (event) => {
      if (event.type === 'WorkAvailable') return [{ type: 'RequestProposal', height: 1, round: 0 }];
      if (event.type !== 'ProposalReady') return [];
      const { digest, block } = event;
      return [{ type: 'Commit', height: 1, round: 0, digest, block, certificate: testCertificate(network, 1, digest) }];
    };
    const { driver, chain, calls, pool, types } = await start(react);
    const read = chain.reader.read(raw) as { id: string };
    pool.add({ id: read.id, raw, leaf: '', sender: 's', validUntil: 100, patient: false, since: 0, bytes: raw.length, own: true, durable: Promise.resolve() });
    driver.start();
    await vi.waitFor(() => expect(types()).toEqual(['Start', 'WorkAvailable', 'ProposalReady', 'Start']));
    expect(calls).toEqual(['committed 1 with 1']);
    expect(chain.isKnown(read.id)).toBe(true);
  });

  it.each<[string, { change?: (block: Block) => Block; prepared?: boolean; ahead?: number; reason?: RegExp }]>([
    ['a good proposal', {}],
    ['one with another root', { change: (block) => ({ ...block, header: { ...block.header, stateRoot: 'ab'.repeat(32) } }), reason: /says stateRoot/ }],
    ['one from the future', { ahead: 60_000, reason: /ahead of this clock/ }],
    ['one from the future that a quorum prepared', { ahead: 60_000, prepared: true }],
    ['one that repeats a transaction', { change: (block) => ({ ...block, transactions: [...block.transactions, ...block.transactions] }), reason: /was executed already/ }],
  ])('finds out about %s', async (_, { change = (block) => block, prepared = false, ahead = 0, reason }) => {
    const proposed: { digest: string; block: Block }[] = [];
    const { driver, chain, events, calls } = await start(
      on('Start', () => proposed.map(({ digest, block }) => ({ type: 'ValidateProposal', token: 3, height: 1, round: 0, digest, block, prepared }))),
    );
    const made = chain.build([testReport(network, 'a')], Date.now() + ahead, 0);
    proposed.push({ digest: made.digest, block: change(made.block) });
    driver.start();
    await vi.waitFor(() => expect(events.at(-1)).toEqual({ type: 'ProposalValidated', token: 3, ok: reason === undefined }));
    expect(calls).toEqual(reason ? [expect.stringMatching(reason)] : []);
  });

  it('commits a synced block once, and a decision for it afterwards does nothing', async () => {
    const { driver, chain, calls, types } = await start(() => []);
    driver.start();
    const executed = chain.build([], chain.header.timestamp + 1, 0);
    const certificate = testCertificate(network, 1, executed.digest);
    const apply = () => driver.applySynced(() => chain.checkFinal({ ...executed.block, certificate }), 1, certificate);
    expect(await Promise.all([apply(), apply()])).toEqual([true, false]);
    expect([calls, types()]).toEqual([['committed 1 with 0'], ['Start', 'Start']]);
  });

  it('ends the node when a certified block executes to something else here', async () => {
    const source = await start(() => []);
    const executed = source.chain.build([], source.chain.header.timestamp + 1, 0);
    const header = { ...executed.block.header, stateRoot: 'ab'.repeat(32) };
    const digest = headerHash(header);
    const commit: Effect<Block> = { type: 'Commit', height: 1, round: 0, digest, block: { header, transactions: [] }, certificate: testCertificate(network, 1, digest) };
    const { driver, calls, chain } = await start(on('Start', () => [commit]));
    driver.start();
    await vi.waitFor(() => expect(calls).toEqual(['fatal Diverged']));
    expect(chain.height).toBe(0);
  });
});
