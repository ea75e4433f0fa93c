// The policy set is the one in force, followed from block to block, and no validator can put another in its place.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork } from './testing/network.js';
import { strangersState } from './testing/strangers.js';

let network: FakeNetwork;
beforeEach(async () => {
  network = await new FakeNetwork().start();
});
afterEach(() => network.stop());

describe('policy set', () => {
  const policy = (name: string) => ({ kind: 'BisoPolicy' as const, name, uid: `uid-${name}`, generation: 1, spec: { description: name, rules: [] } });
  const names = (set: { policies: { name: string }[] }) => set.policies.map(({ name }) => name);

  it('is there at the start and follows blocks that change it', async () => {
    network.chain.commitPolicySet([policy('first')]);
    const client = await network.startedClient();
    expect(client.policySet()).toMatchObject({ policyHeight: 2, policies: [{ name: 'first', spec: { description: 'first' } }] });
    const before = client.policySet();
    network.chain.commit({ other: 1 });
    await expect.poll(() => client.head().height).toBe(3);
    expect(client.policySet()).toBe(before);
    network.chain.commitPolicySet([policy('first'), policy('second')]);
    await expect.poll(() => names(client.policySet())).toEqual(['first', 'second']);
  });

  it('follows an agreement that runs out without a transaction', async () => {
    const validUntil = new Date(network.chain.blocks[0]!.header.timestamp + 2_500).toISOString();
    const spec = {
      agreementId: 'a',
      version: '1',
      parties: [],
      terms: { validUntil },
      jurisdiction: 'US',
      courtId: 'c',
      enforcementRules: [],
      signatures: [],
    };
    const member = { kind: 'Agreement' as const, name: 'a', uid: 'u', generation: 1, spec };
    network.chain.commitPolicySet([{ ...member, state: 'InForce' }]);
    const client = await network.startedClient();
    network.chain.commit();
    network.chain.commitPolicySet([{ ...member, state: 'Expired' }], []);
    await expect.poll(() => client.policySet().agreements[0]!.state).toBe('Expired');
  });

  it.each([
    ['another object', '/v1/objects/', () => ({ description: 'harmless', rules: [] })],
    ['the set of before', '/v1/state', () => strangersState('policyset/current')],
  ])('is not believed from validators that answer %s', async (_name, where, lie) => {
    for (const liar of network.validators.slice(0, 3))
      liar.tamper = (answer, asked) => (asked.startsWith(where) && network.chain.height > 1 ? lie() : answer);
    const client = await network.startedClient();
    network.chain.commitPolicySet([policy('true')]);
    await expect.poll(() => client.policySet().policies[0]?.spec.description, { timeout: 4_000 }).toBe('true');
  });
});
