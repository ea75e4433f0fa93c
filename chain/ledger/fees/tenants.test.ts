// Fees of what runs in a namespace are its tenant's (4.2), who was named and agreed; nobody else's.
import { beforeEach, expect, it } from 'vitest';
import { GovernedChain } from '../testing/governedChain.js';
import { uidOf } from '../testing/samplePayloads.js';
import { BPI, keyOf } from '../testing/testGenesis.js';
import { leaseOf } from './leases.js';
import { Overlay } from '../state.js';

let chain: GovernedChain;
beforeEach(() => {
  chain = new GovernedChain();
});
const bank = keyOf('bank').publicKey;
const namespace = 'payments';
const assign = (account = bank) => chain.run('operator', 'tenant.assign', { namespace, account });
const agree = (pays = true, name: 'bank' | 'visitor' = 'bank') => chain.run(name, 'tenant.agree', { namespace, pays });
/** What placing a pod costs each, µBPI, beside the asker's receipt and blocks. */
function placed(pod: string): { bank: number; lease: string | undefined; code: string } {
  chain.admit(pod, { pod: { ...chain.facts(pod).pod!, storageBytes: 1_000_000_000 } });
  const before = chain.account('bank').balance;
  const { code } = chain.place(pod);
  return { bank: before - chain.account('bank').balance, lease: leaseOf(new Overlay(chain.state), uidOf(pod))?.payer, code };
}

it('are paid by who asks until the tenant was named and has agreed, and again when it ends that', () => {
  expect(placed('one').bank).toBe(0);
  expect(assign()).toMatchObject({ code: 'Assigned' });
  expect(placed('two').bank).toBe(0);
  expect(agree()).toMatchObject({ code: 'Agreed' });
  const three = placed('three');
  expect(three).toMatchObject({ code: 'Placed' });
  // Scheduling, and a day of 1 GB ahead.
  expect(three.bank).toBe(1_000 + 100);
  expect(three.lease).toBe(bank);
  expect(agree(false)).toMatchObject({ code: 'Ended' });
  expect(placed('four').bank).toBe(0);
});

it('end with another tenant, or none', () => {
  assign();
  agree();
  expect(assign(keyOf('visitor').publicKey)).toMatchObject({ code: 'Assigned' });
  expect(placed('one').bank).toBe(0);
  expect(agree()).toMatchObject({ code: 'NotOwner' });
  expect(agree(true, 'visitor')).toMatchObject({ code: 'Agreed' });
  expect(assign('')).toMatchObject({ code: 'Released' });
  expect(agree(true, 'visitor')).toMatchObject({ code: 'NotOwner' });
});

it('that the tenant cannot pay stop its pods, not those of others', () => {
  assign();
  agree();
  chain.run('bank', 'mesh.open', { amount: chain.account('bank').balance - 500 });
  expect(placed('one')).toMatchObject({ code: expect.stringMatching(/InsufficientFunds|InArrears/) as string });
  expect(chain.account('operator').balance).toBeGreaterThan(BPI);
});

it.each<[what: string, act: () => { code: string }, code: string]>([
  ['a tenant that nobody named', () => agree(), 'NotOwner'],
  ['naming by who is no operator', () => chain.run('bank', 'tenant.assign', { namespace, account: bank }), 'NotPermitted'],
  ['naming nobody on this chain', () => assign('ab'.repeat(32)), 'UnknownAccount'],
])('refuse %s', (_what, act, code) => expect(act()).toMatchObject({ outcome: 'refused', code }));
