import { beforeEach, describe, expect, it } from 'vitest';
import { OFFENCES, type Offence, type SlashRecord } from '../../economyTypes.js';
import { stateKeys, type AccountRecord } from '../../types.js';
import { accountOf } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import { EconomyWorld, VALIDATORS } from '../testing/economyWorld.js';
import { BPI, keyOf } from '../testing/testGenesis.js';
import { appealSlash, reverseSlash, slash, slashOf } from './slash.js';
import { isSuspect } from './suspicion.js';

const DAY = 86_400_000;
const A = keyOf('owner-a').publicKey;
let world: EconomyWorld;
let serial = 0;

beforeEach(() => {
  world = new EconomyWorld();
  world.commitNode('a-1', 'owner-a');
  world.commitNode('b-1', 'owner-b');
});

function offend(offence: Offence, { subject = 'node/a-1', account = A } = {}): SlashRecord | undefined {
  return slash(world.state, world.block, { account, subject, offence, evidence: `evidence ${(serial += 1)}` });
}
const stakeOf = (account: string) => accountOf(world.state, account).stake;
const codeOf = (act: () => unknown) => {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
};

describe('penalties (4.3), of 1000 BPI behind one node', () => {
  it.each<[Offence, number]>([
    ['consensusFailure', 50],
    ['resourceFraud', 100],
    ['serviceUnavailability', 150],
    ['receiptTampering', 250],
    ['networkAttack', 500],
  ])('%s takes %d BPI into escrow', (offence, bpi) => {
    expect(offend(offence)).toMatchObject({ amount: bpi * BPI, state: 'Held', account: A });
    expect([stakeOf(A), world.supply.escrow]).toEqual([(1_000 - bpi) * BPI, bpi * BPI]);
    expect(world.isConserved()).toBe(true);
  });

  it('is of the stake per node where an account has several (10.2)', () => {
    world.commitNode('a-2', 'owner-a');
    expect(offend('networkAttack')!.amount).toBe(250 * BPI);
    expect(offend('networkAttack', { subject: 'node/a-2' })!.base).toBe(375 * BPI);
  });

  it('punishes one kind once within its window, and again after it', () => {
    expect(offend('consensusFailure')).toBeDefined();
    expect(offend('consensusFailure')).toBeUndefined();
    world.advance(14 * DAY - 1);
    expect(offend('consensusFailure')).toBeUndefined();
    world.advance(1);
    expect(offend('consensusFailure')).toBeDefined();
  });

  it('takes no more than the stake per node, whatever the kinds (10.2 individual_node: staked_amount_per_node)', () => {
    const taken = [...OFFENCES].reverse().map((offence) => offend(offence)!.amount / BPI);
    expect(taken).toEqual([500, 250, 150, 100, 0]);
    expect(stakeOf(A)).toBe(0);
  });

  it('is capped by the stake per node of its first offence, though another node’s stake is left', () => {
    world.commitNode('a-2', 'owner-a');
    const taken = [...OFFENCES].reverse().reduce((sum, offence) => sum + offend(offence)!.amount, 0);
    expect(taken).toBe(500 * BPI);
    expect(stakeOf(A)).toBe(500 * BPI);
  });
});

describe('appeal and end', () => {
  it('pays the honest in proportion to their stake when 14 days have passed', () => {
    const before = VALIDATORS.map((key) => accountOf(world.state, key).balance);
    const { id } = offend('networkAttack')!;
    world.advance(14 * DAY - 1_000);
    expect(slashOf(world.state, id).state).toBe('Held');
    world.advance(1_000);
    expect(slashOf(world.state, id).state).toBe('Final');
    // Four validators and owner-b, with 1000 BPI each.
    VALIDATORS.forEach((key, i) => expect(accountOf(world.state, key).balance - before[i]!).toBe(100 * BPI));
    expect(world.supply.escrow).toBe(0);
    expect(world.isConserved()).toBe(true);
  });

  it('leaves out whoever is under suspicion, and the offender', () => {
    const { id } = offend('networkAttack')!;
    world.advance(DAY);
    offend('consensusFailure', { subject: `validator/${VALIDATORS[0]!}`, account: VALIDATORS[0]! });
    const before = [A, VALIDATORS[0]!].map((key) => accountOf(world.state, key).balance);
    world.advance(13 * DAY);
    expect(slashOf(world.state, id).state).toBe('Final');
    expect([A, VALIDATORS[0]!].map((key) => accountOf(world.state, key).balance)).toEqual(before);
  });

  it('goes to the insurance fund when nobody honest is left', () => {
    offend('networkAttack');
    world.advance(DAY);
    for (const key of VALIDATORS) offend('consensusFailure', { subject: `validator/${key}`, account: key });
    offend('consensusFailure', { subject: 'node/b-1', account: keyOf('owner-b').publicKey });
    const before = world.supply.pools['insurance']!;
    world.advance(13 * DAY);
    expect(world.supply.pools['insurance']! - before).toBe(500 * BPI);
  });

  it('waits for the court once it is appealed', () => {
    const { id } = offend('networkAttack')!;
    appealSlash(world.state, world.block, id, { caseId: 'c', appellant: A });
    world.advance(30 * DAY);
    expect(slashOf(world.state, id).state).toBe('Appealed');
    expect(world.supply.escrow).toBe(500 * BPI);
  });

  it('gives everything back when it is reversed, and no suspicion stays', () => {
    const { id } = offend('networkAttack')!;
    appealSlash(world.state, world.block, id, { caseId: 'c', appellant: A });
    reverseSlash(world.state, id);
    expect([stakeOf(A), world.supply.escrow]).toEqual([1_000 * BPI, 0]);
    expect(isSuspect(world.state, 'node/a-1', world.block.timestamp)).toBe(false);
    expect(offend('networkAttack')!.amount).toBe(500 * BPI);
  });

  it('a reversal long after does not wash off a later offence', () => {
    const first = offend('networkAttack')!;
    appealSlash(world.state, world.block, first.id, { caseId: 'c', appellant: A });
    world.advance(15 * DAY);
    expect(offend('networkAttack')!.id).not.toBe(first.id);
    reverseSlash(world.state, first.id);
    expect(isSuspect(world.state, 'node/a-1', world.block.timestamp)).toBe(true);
  });

  it.each<[what: string, code: string, act: (id: string) => unknown]>([
    ['by somebody else', 'NotPermitted', (id) => appealSlash(world.state, world.block, id, { caseId: 'c', appellant: keyOf('bank').publicKey })],
    ['twice', 'Exists', (id) => ['c', 'd'].map((caseId) => appealSlash(world.state, world.block, id, { caseId, appellant: A }))],
    ['of what is not there', 'UnknownSlash', () => appealSlash(world.state, world.block, 'ff', { caseId: 'c', appellant: A })],
    ['too late', 'TooLate', (id) => (world.advance(15 * DAY), appealSlash(world.state, world.block, id, { caseId: 'c', appellant: A }))],
    ['and reversed twice', 'AlreadyEnded', (id) => [reverseSlash(world.state, id), reverseSlash(world.state, id)]],
  ])('an appeal %s is refused with %s', (_what, code, act) => {
    const { id } = offend('networkAttack')!;
    expect(codeOf(() => act(id))).toBe(code);
  });
});

describe('stake on its way out (4.1, 4.3)', () => {
  it('is taken when the rest does not suffice, the latest first', () => {
    const { state } = world;
    const account = state.read<AccountRecord>(stateKeys.account(A))!;
    state.write(stateKeys.account(A), { ...account, stake: 100 * BPI });
    state.write(stateKeys.supply, { ...world.supply, escrow: 900 * BPI });
    state.write(`unbonding/${A}/early`, { id: 'early', account: A, amount: 450 * BPI, releaseAt: world.block.timestamp + DAY });
    state.write(`unbonding/${A}/late`, { id: 'late', account: A, amount: 450 * BPI, releaseAt: world.block.timestamp + 2 * DAY });
    expect(offend('networkAttack')!.amount).toBe(500 * BPI);
    expect(stakeOf(A)).toBe(0);
    expect([state.read(`unbonding/${A}/early`), state.read(`unbonding/${A}/late`)]).toMatchObject([{ amount: 450 * BPI }, { amount: 50 * BPI }]);
    expect(world.isConserved()).toBe(true);
  });
});
