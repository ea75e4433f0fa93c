// Every fee of agreement 4.2 by its number, and that nothing below 1 µBPI is ever lost: however time and blocks are cut, the sums are the same.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { poolOf } from '../accounts/money.js';
import { genesisParameters } from '../parameters/parameters.js';
import { stateKeys, type AccountRecord } from '../../types.js';
import { EconomyWorld } from '../testing/economyWorld.js';
import { GovernedChain } from '../testing/governedChain.js';
import { BPI, keyOf, testGenesis } from '../testing/testGenesis.js';
import { closeLease, leaseOf, openLease } from './leases.js';
import { chargeBlock, feeMeterOf, mustOweNothing, receiptStorage, settleFees, workloadStorage } from './metering.js';

const DAY = 86_400_000;
const GB = 1_000_000_000;
const MB = 1_000_000;
const parameters = genesisParameters(testGenesis());
const key = (name: string) => keyOf(name).publicKey;

describe('fees by time (4.2)', () => {
  it.each([
    ['workload_storage: 0.0001 BPI per GB per day', workloadStorage(parameters, GB, DAY, '0').whole, 100],
    ['workload_storage: 20 GB for half a day', workloadStorage(parameters, 20 * GB, DAY / 2, '0').whole, 1_000],
    ['receipt_storage: 0.00001 BPI per MB per day', receiptStorage(parameters, MB, DAY, '0').whole, 10],
    ['receipt_storage: 1 kB for a year', receiptStorage(parameters, 1_000, 365 * DAY, '0').whole, 3],
    ['a byte for a millisecond is not nothing, and not yet 1 µBPI', workloadStorage(parameters, 1, 1, '0').whole, 0],
  ])('%s', (_what, found, expected) => expect(found).toBe(expected));

  it.each([['workload', workloadStorage], ['receipts', receiptStorage]] as const)('%s: cut into any pieces of time, the charge is the same to the µBPI', (_what, charge) => {
    const pieces = fc.array(fc.integer({ min: 1, max: 10 * DAY }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 * GB }), pieces, (bytes, spans) => {
        let rest = '0';
        let whole = 0;
        for (const ms of spans) {
          const accrued = charge(parameters, bytes, ms, rest);
          whole += accrued.whole;
          rest = accrued.rest;
        }
        expect({ whole, rest }).toEqual(charge(parameters, bytes, spans.reduce((sum, ms) => sum + ms, 0), '0')); // prettier-ignore
      }),
    );
  });
});

describe('fees by block (4.2)', () => {
  it('consensus_fee 0.00001 BPI and consensus_storage 0.000001 BPI a block: 11 µBPI, shared exactly by whoever acted in it', () => {
    const actors = ['operator', 'bank', 'webhook'];
    const blocks = fc.array(fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(blocks, (given) => {
        const world = new EconomyWorld();
        let busy = 0;
        for (const counts of given) {
          world.advance(1);
          const usage = new Map(actors.map((name, i): [string, { operations: number; receiptBytes: number }] => [key(name), { operations: counts[i]!, receiptBytes: 0 }]).filter(([, { operations }]) => operations > 0));
          if (usage.size > 0) busy += 1;
          chargeBlock(world.state, world.block, usage);
        }
        const rests = actors.reduce((sum, name) => sum + BigInt(feeMeterOf(world.state, key(name))?.consensusRest ?? '0'), 0n);
        expect(BigInt(poolOf(world.state, 'consensus')) * 1_000_000n + rests).toBe(BigInt(11 * busy) * 1_000_000n);
        expect(world.isConserved()).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('receipts are kept at their writer’s expense, and what its balance does not cover stays owed until it is funded', () => {
    const world = new EconomyWorld();
    const account = stateKeys.account(key('bank'));
    const known = world.state.read<AccountRecord>(account)!;
    world.state.write(account, { ...known, balance: 0 });
    chargeBlock(world.state, world.block, new Map([[key('bank'), { operations: 1, receiptBytes: 100 * MB }]]));
    world.advance(DAY);
    expect(settleFees(world.state, world.block, key('bank'))).toBe(1_000 + 11);
    expect(() => mustOweNothing(world.state, key('bank'))).toThrow(/owes 0\.001011 BPI/);
    world.state.write(account, { ...known, balance: 5_000 });
    expect(settleFees(world.state, world.block, key('bank'))).toBe(0);
    expect(world.state.read<AccountRecord>(account)!.balance).toBe(5_000 - 1_011);
    expect([poolOf(world.state, 'storage') + poolOf(world.state, 'consensus')]).toEqual([1_011]);
  });
});

describe('a lease (4.2 workload_storage)', () => {
  it('sets a day aside, is paid daily, and gives back what the last day did not use', () => {
    const world = new EconomyWorld();
    const balance = () => world.state.read<AccountRecord>(stateKeys.account(key('bank')))!.balance;
    const before = balance();
    openLease(world.state, world.block, { podUid: 'p', payer: key('bank'), bytes: 10 * GB });
    expect([before - balance(), world.supply.escrow]).toEqual([1_000, 1_000]);
    world.advance(DAY);
    expect([poolOf(world.state, 'storage'), world.supply.escrow, before - balance()]).toEqual([1_000, 1_000, 2_000]);
    world.advance(DAY / 4);
    closeLease(world.state, world.block, 'p');
    expect([poolOf(world.state, 'storage'), world.supply.escrow, before - balance()]).toEqual([1_250, 0, 1_250]);
    expect(leaseOf(world.state, 'p')).toBeUndefined();
    world.advance(2 * DAY);
    expect([poolOf(world.state, 'storage'), world.isConserved()]).toEqual([1_250, true]);
  });

  it('is not given to who cannot set a day aside, or owes', () => {
    const world = new EconomyWorld();
    expect(() => openLease(world.state, world.block, { podUid: 'p', payer: key('bank'), bytes: 10_000_000 * GB })).toThrow(expect.objectContaining({ code: 'InsufficientFunds' }));
  });
});

describe('service calls (4.2 service_mesh_fee: 0.0001 BPI per call)', () => {
  let chain: GovernedChain;
  beforeEach(() => {
    chain = new GovernedChain();
    expect(chain.run('bank', 'mesh.open', { amount: 1_000 })).toMatchObject({ code: 'Escrowed' });
  });
  const settle = (calls: number) => chain.run('operator', 'mesh.settle', { caller: key('bank'), calls });
  const mesh = () => chain.record<{ pools: Record<string, number>; escrow: number }>(stateKeys.supply)!;

  it('are paid from what was set aside, by their total: twice or late charges nothing again', () => {
    expect(settle(3)).toMatchObject({ details: { fee: 300, escrow: 700 } });
    expect(settle(3)).toMatchObject({ details: { fee: 0, escrow: 700 } });
    expect(settle(2)).toMatchObject({ outcome: 'refused', code: 'Stale' });
    expect(settle(11)).toMatchObject({ outcome: 'refused', code: 'InsufficientFunds' });
    expect([mesh().pools['mesh'], mesh().escrow]).toEqual([300, 700]);
  });

  it('are refunded a day after they were closed, less what was settled until then', () => {
    const before = chain.account('bank').balance;
    chain.run('bank', 'mesh.close', {});
    chain.pass(DAY / 2);
    expect(settle(4)).toMatchObject({ code: 'Settled' });
    expect(chain.pass(DAY).map(({ operationType }) => operationType)).toContain('mesh.refund');
    expect(mesh()).toMatchObject({ escrow: 0, pools: { mesh: 400 } });
    expect(chain.account('bank').balance).toBeGreaterThan(before + 500);
    expect(settle(5)).toMatchObject({ code: 'InsufficientFunds' });
  });

  it('of who set nothing aside are refused', () => expect(chain.run('operator', 'mesh.settle', { caller: key('processor'), calls: 1 })).toMatchObject({ code: 'NoEscrow' }));
});

describe('fees of one operation (4.2)', () => {
  it('receipt_fee 0.000001 BPI for each operation, refused or not; scheduling_fee 0.001 BPI for each workload that was placed', () => {
    const chain = new GovernedChain();
    const pools = () => chain.record<{ pools: Record<string, number> }>(stateKeys.supply)!.pools;
    const before = pools();
    chain.admit('a');
    expect(chain.place('a')).toMatchObject({ outcome: 'applied' });
    expect(chain.run('bank', 'mesh.settle', { caller: key('bank'), calls: 1 })).toMatchObject({ outcome: 'refused', code: 'NotPermitted' });
    expect([pools()['scheduling']! - before['scheduling']!, pools()['receipts']! - before['receipts']!]).toEqual([1_000, 3]);
    expect(chain.account('bank').balance).toBeLessThan(1_000 * BPI);
  });
});
