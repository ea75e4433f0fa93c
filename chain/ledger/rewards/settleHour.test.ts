// Hours as the ledger settles them: what was measured is paid from fees first, in proportion where pools run short and in full later, and a day's absence costs 15 % (agreement 4.1, 4.3).
import { beforeEach, describe, expect, it } from 'vitest';
import type { MeterRecord, SlashRecord } from '../../economyTypes.js';
import { stateKeys, type AccountRecord } from '../../types.js';
import { move, poolOf } from '../accounts/money.js';
import { EconomyWorld, economyGenesis } from '../testing/economyWorld.js';
import { BPI, keyOf } from '../testing/testGenesis.js';
import { hear, METERS, nodeParticipant } from './participants.js';

const MINUTE = 60_000;
let world: EconomyWorld;
const begin = (rewardPool: number) => {
  world = new EconomyWorld(economyGenesis({ economy: { rewardPool, insuranceFund: 0, parameters: {} } }));
  world.commitNode('a', 'owner-a');
  world.commitNode('b', 'owner-b');
};
beforeEach(() => begin(10_000 * BPI));

const owner = (name: string) => keyOf(`owner-${name}`).publicKey;
const balance = (name: string) => world.state.read<AccountRecord>(stateKeys.account(owner(name)))!.balance;
const meter = (name: string) => world.state.read<MeterRecord>(METERS + nodeParticipant(name))!;
/** Minutes of blocks in which some are heard, to the end of an hour and into the next. */
function hour(heard: string[]): void {
  for (let minute = 0; minute < 60; minute++) {
    world.advance(MINUTE);
    for (const name of heard) hear(world.state, world.block, nodeParticipant(name), owner(name));
  }
}

describe('an hour', () => {
  it('pays 0.01 BPI and the bonus above 99 %, out of the fees before the reward pool', () => {
    move(world.state, { balance: keyOf('bank').publicKey }, { pool: 'scheduling' }, 15_000);
    const [before, rewards] = [balance('a'), poolOf(world.state, 'rewards')];
    // The first hour is cut: it began when the network did.
    hour(['a']);
    hour(['a']);
    const gained = balance('a') - before;
    expect(gained % 12_000).toBe(0);
    expect(gained).toBeGreaterThan(0);
    expect([poolOf(world.state, 'scheduling'), rewards - poolOf(world.state, 'rewards')]).toEqual([Math.max(0, 15_000 - gained), Math.max(0, gained - 15_000)]);
    expect(world.isConserved()).toBe(true);
  });

  it('that nobody can pay for is owed, and paid when the pools fill', () => {
    begin(0);
    hour(['a', 'b']);
    hour(['a', 'b']);
    const owed = meter('a').owed;
    expect([owed > 0, meter('b').owed, balance('a')]).toEqual([true, owed, 1_000 * BPI]);
    move(world.state, { balance: keyOf('bank').publicKey }, { pool: 'mesh' }, owed);
    hour([]);
    expect([meter('a').owed, meter('b').owed].map((left) => left <= owed)).toEqual([true, true]);
    expect([poolOf(world.state, 'mesh'), world.isConserved()]).toEqual([0, true]);
    move(world.state, { balance: keyOf('bank').publicKey }, { pool: 'mesh' }, 10 * owed);
    hour([]);
    expect([meter('a').owed, meter('b').owed]).toEqual([0, 0]);
  });
});

describe('absence', () => {
  const slashes = () => [...world.state.list('slash/')].map(([, text]) => JSON.parse(text) as SlashRecord);

  it('of 24 hours in a row is service unavailability: 15 %; of 23 it is not', () => {
    hour(['a', 'b']);
    hour(['b']);
    for (let i = 0; i < 22; i++) hour(['b']);
    expect(slashes()).toEqual([]);
    for (let i = 0; i < 2; i++) hour(['b']);
    expect(slashes()).toMatchObject([{ subject: 'node/a', offence: 'serviceUnavailability', percent: 15, amount: 150 * BPI }]);
    expect(world.isConserved()).toBe(true);
  });

  it('that an hour of presence breaks counts anew', () => {
    for (let i = 0; i < 20; i++) hour(['b']);
    hour(['a', 'b']);
    hour(['a', 'b']);
    for (let i = 0; i < 20; i++) hour(['b']);
    expect(slashes()).toEqual([]);
  });
});
