// The end of a cluster: each condition of agreement 11.1 from chain data alone, neither early nor after a break, and who gets what (11.2).
import { beforeEach, describe, expect, it } from 'vitest';
import type { HourRecord, MeterRecord } from '../../economyTypes.js';
import { stateKeys, type AccountRecord, type SupplyRecord } from '../../types.js';
import { move, poolOf } from '../accounts/money.js';
import { METERS } from '../rewards/participants.js';
import { slash } from '../slashing/slash.js';
import { EconomyWorld, OWNERS, VALIDATORS } from '../testing/economyWorld.js';
import { BPI, keyOf } from '../testing/testGenesis.js';
import { terminate, terminationOf } from './termination.js';
import { watchCluster } from './watchCluster.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let world: EconomyWorld;
beforeEach(() => {
  world = new EconomyWorld();
});

/** Hours as the ledger measured them, one after the other. */
function watch(hours: number, active: number, { blocks = 100, failedRounds = 0 } = {}): void {
  for (let i = 0; i < hours; i++) {
    const hour: HourRecord = { hour: world.block.timestamp - (world.block.timestamp % HOUR), slots: 60, lastSlot: 0, blocks, certified: blocks, failedRounds };
    world.block = { ...world.block, timestamp: world.block.timestamp + HOUR };
    watchCluster(world.state, world.block, hour, active);
  }
}
const cause = () => terminationOf(world.state)?.cause;

describe('involuntary termination (11.1)', () => {
  it.each<[section: string, hours: () => void, expected: string | undefined]>([
    ['insufficient_nodes: <3_active_nodes_for_7_days', () => (watch(1, 3), watch(168, 2)), 'insufficientNodes'],
    ['an hour short of 7 days', () => (watch(1, 3), watch(167, 2)), undefined],
    ['3 are enough', () => watch(400, 3), undefined],
    ['a break begins the 7 days anew', () => (watch(1, 3), watch(167, 2), watch(1, 3), watch(167, 2)), undefined],
    ['a cluster that never had 3 is still coming up', () => watch(400, 1), undefined],
    ['consensus_failure: >50%_failed_rounds_for_24_hours', () => watch(24, 4, { blocks: 100, failedRounds: 101 }), 'consensusFailure'],
    ['exactly 50 % is not more than 50 %', () => watch(48, 4, { blocks: 100, failedRounds: 100 }), undefined],
    ['23 hours', () => watch(23, 4, { failedRounds: 200 }), undefined],
    ['a good hour between', () => (watch(23, 4, { failedRounds: 200 }), watch(1, 4), watch(23, 4, { failedRounds: 200 })), undefined],
  ])('%s', (_section, hours, expected) => {
    hours();
    expect(cause()).toBe(expected);
  });
});

describe('voluntary termination (11.1: 30_day_notice)', () => {
  it('takes effect after its notice, and what is involuntary comes before it', () => {
    terminate(world.state, world.block, { cause: 'voluntary', reason: 'agreed' });
    world.advance(30 * DAY - 1);
    expect(terminationOf(world.state)).toMatchObject({ state: 'Notice' });
    world.advance(1);
    expect(terminationOf(world.state)).toMatchObject({ state: 'Terminated', cause: 'voluntary' });

    world = new EconomyWorld();
    terminate(world.state, world.block, { cause: 'voluntary', reason: 'agreed' });
    terminate(world.state, world.block, { cause: 'legalProhibition', reason: 'an order' });
    world.advance(1);
    expect(terminationOf(world.state)).toMatchObject({ state: 'Terminated', cause: 'legalProhibition' });
    world.advance(31 * DAY);
    expect(terminationOf(world.state)).toMatchObject({ cause: 'legalProhibition' });
  });
});

describe('asset distribution (11.2)', () => {
  const account = (key: string) => world.state.read<AccountRecord>(stateKeys.account(key))!;
  const end = () => {
    terminate(world.state, world.block, { cause: 'securityBreach', reason: 'exploited' });
    for (let i = 0; i < 3; i++) world.advance(1);
    expect(terminationOf(world.state)).toMatchObject({ state: 'Terminated', cursor: null });
  };
  const meter = (participant: string, owner: string, earned: number) =>
    world.state.write(METERS + participant, { participant, account: keyOf(owner).publicKey, hour: 0, beats: 0, lastBeat: -1, rounds: 0, answers: 0, answerMs: 0, missed: 0, earned, owed: 0 } satisfies MeterRecord);

  it('stakes go back to their owners, a penalty that is not decided stays in escrow', () => {
    world.commitNode('a', 'owner-a');
    const owner = keyOf('owner-a').publicKey;
    const penalty = slash(world.state, world.block, { account: owner, subject: 'node/a', offence: 'resourceFraud', evidence: 'a test' })!;
    const { balance, stake } = account(owner);
    const total = world.supply.total;
    const pools = Object.keys(world.supply.pools).filter((pool) => pool !== 'insurance');
    for (const pool of pools) expect(poolOf(world.state, pool as never)).toBeGreaterThanOrEqual(0);
    end();
    expect(account(owner).stake).toBe(0);
    expect(account(owner).balance).toBeGreaterThanOrEqual(balance + stake);
    for (const key of VALIDATORS) expect(account(key).stake).toBe(0);
    expect([world.supply.escrow, world.supply.total, world.isConserved()]).toEqual([penalty.amount, total, true]);
  });

  it('fees and what is left for rewards go in proportion to what each has contributed; the insurance fund stays for claims', () => {
    meter('node/a', 'owner-a', 3_000);
    meter('node/b', 'owner-b', 1_000);
    move(world.state, { balance: keyOf('bank').publicKey }, { pool: 'storage' }, 4_000);
    const before = OWNERS.slice(1).map((name) => account(keyOf(name).publicKey));
    const { pools } = world.state.read<SupplyRecord>(stateKeys.supply)!;
    const shared = Object.entries(pools).reduce((sum, [pool, amount]) => sum + (pool === 'insurance' ? 0 : amount), 0);
    end();
    const gained = OWNERS.slice(1).map((name, i) => account(keyOf(name).publicKey).balance - before[i]!.balance - before[i]!.stake);
    expect(gained[0]! + gained[1]!).toBe(shared);
    expect(Math.abs(gained[0]! - 3 * gained[1]!)).toBeLessThanOrEqual(8);
    expect([poolOf(world.state, 'insurance'), poolOf(world.state, 'storage'), poolOf(world.state, 'rewards')]).toEqual([500 * BPI, 0, 0]);
    expect(world.isConserved()).toBe(true);
  });
});
