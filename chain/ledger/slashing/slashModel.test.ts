import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OFFENCES, type SlashRecord, type UnbondingRecord } from '../../economyTypes.js';
import { accountOf, move } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import type { Operation } from '../operation.js';
import { stakingOperations } from '../staking/stakingOperations.js';
import { EconomyWorld } from '../testing/economyWorld.js';
import { BPI, keyOf } from '../testing/testGenesis.js';
import { appealSlash, finaliseSlash, reverseSlash, slash } from './slash.js';

/** What must be true of each penalty, told by a machine of three lines; the real one has stake, windows, caps and escrow to keep. */
interface Model {
  slashes: Map<string, 'Held' | 'Appealed' | 'Reversed' | 'Final'>;
}
type Command = fc.Command<Model, EconomyWorld>;

const OWNERS = ['owner-a', 'owner-b'];
const HOUR = 3_600_000;

function inForce(world: EconomyWorld): SlashRecord[] {
  return [...world.state.records<SlashRecord>('slash/')];
}

/** After every command, in any order of them. */
function mustHold(model: Model, world: EconomyWorld): void {
  expect(world.isConserved()).toBe(true);
  const records = inForce(world);
  for (const { id, state } of records) {
    const known = model.slashes.get(id)!;
    // Time may have made it final; nothing else moves it behind the commands' back.
    if (known === 'Held' && state === 'Final') model.slashes.set(id, 'Final');
    else expect(state).toBe(known);
  }
  const held = records.filter(({ state }) => state === 'Held' || state === 'Appealed').reduce((sum, { amount }) => sum + amount, 0);
  const leaving = world.state.records<UnbondingRecord>('unbonding/').reduce((sum, { amount }) => sum + amount, 0);
  expect(world.supply.escrow).toBe(held + leaving);
  for (const owner of OWNERS) {
    const { stake, balance } = accountOf(world.state, keyOf(owner).publicKey);
    expect(Math.min(stake, balance)).toBeGreaterThanOrEqual(0);
  }
  for (const record of records) mustBeCapped(record, records);
}

/** Agreement 10.2: what offences of one subject within one window take together is at most the stake per node. */
function mustBeCapped(last: SlashRecord, records: SlashRecord[]): void {
  const together = records.filter(({ subject, time, state }) => subject === last.subject && state !== 'Reversed' && time <= last.time && time > last.time - 14 * 24 * HOUR);
  expect(together.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(Math.max(...together.map(({ base }) => base), 0));
}

function command(name: string, run: (model: Model, world: EconomyWorld) => void): Command {
  return {
    check: () => true,
    run: (model, world) => {
      const fork = { ...world.supply };
      try {
        run(model, world);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        expect(world.supply).toEqual(fork);
      }
      mustHold(model, world);
    },
    toString: () => name,
  };
}

const owners = fc.constantFrom(...OWNERS);
const pick = fc.nat(30);
const amounts = fc.integer({ min: 1, max: 700 * BPI });
const nth = (world: EconomyWorld, index: number): SlashRecord | undefined => inForce(world)[index % Math.max(1, inForce(world).length)];

const commands: fc.Arbitrary<Command>[] = [
  fc.record({ owner: owners, node: fc.constantFrom('1', '2'), offence: fc.constantFrom(...OFFENCES) }).map(({ owner, node, offence }) =>
    command(`slash ${owner}-${node} ${offence}`, (model, world) => {
      const found = slash(world.state, world.block, { account: keyOf(owner).publicKey, subject: `node/${owner}-${node}`, offence, evidence: `evidence ${model.slashes.size}` });
      if (found) model.slashes.set(found.id, 'Held');
    }),
  ),
  pick.map((index) =>
    command(`appeal ${index}`, (model, world) => {
      const record = nth(world, index);
      if (!record) return;
      const known = model.slashes.get(record.id);
      appealSlash(world.state, world.block, record.id, { caseId: 'c', appellant: record.account });
      expect(known).toBe('Held');
      model.slashes.set(record.id, 'Appealed');
    }),
  ),
  fc.tuple(pick, fc.boolean()).map(([index, upheld]) =>
    command(`${upheld ? 'reverse' : 'confirm'} ${index}`, (model, world) => {
      const record = nth(world, index);
      if (record?.state !== 'Appealed') return;
      if (upheld) reverseSlash(world.state, record.id);
      else finaliseSlash(world.state, world.block, record.id);
      model.slashes.set(record.id, upheld ? 'Reversed' : 'Final');
    }),
  ),
  fc.tuple(owners, amounts).map(([owner, amount]) =>
    command(`bond ${owner} ${amount}`, (_model, world) => {
      const key = keyOf(owner).publicKey;
      move(world.state, { balance: key }, { stake: key }, Math.min(amount, accountOf(world.state, key).balance));
    }),
  ),
  fc.tuple(owners, amounts, fc.uuid()).map(([owner, amount, id]) =>
    command(`unbond ${owner} ${amount}`, (_model, world) => {
      const key = keyOf(owner).publicKey;
      const operation = { id, payload: { amount }, body: { sender: key }, roles: [], block: world.block };
      const fork = world.state.fork();
      stakingOperations['stake.unbond'].execute({ ...operation, state: fork } as unknown as Operation<'stake.unbond'>);
      world.state.adopt(fork);
    }),
  ),
  fc.integer({ min: 1, max: 400 }).map((hours) => command(`${hours} h pass`, (_model, world) => world.advance(hours * HOUR))),
];

describe('any order of slash, appeal, reversal, confirmation, bond, unbond and time', () => {
  it('conserves the supply, keeps exactly what is disputed in escrow, and takes no more than the cap', () => {
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 40 }), (sequence) => {
        fc.modelRun(() => {
          const real = new EconomyWorld();
          for (const owner of OWNERS) for (const node of ['1', '2']) real.commitNode(`${owner}-${node}`, owner);
          return { model: { slashes: new Map() }, real };
        }, sequence);
      }),
      { numRuns: 60 },
    );
  });
});
