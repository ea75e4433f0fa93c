// The ceremony's rules: whose identity is believed, which genesis comes of them, and which genesis a member takes.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateEd25519 } from '../../../crypto/ed25519.js';
import { loadNodeConfig } from '../../../chain/node/config.js';
import { assembleGenesis, missingMembers } from './assembleGenesis.js';
import { openHome, type Home } from './home.js';
import { accountIdentity, readIdentity, type PublicIdentity } from './identity.js';
import { parseSettings, type ClusterSettings } from './settings.js';

const CHAIN = 'test-chain';
const settings: ClusterSettings = parseSettings(
  {
    chainId: CHAIN,
    agreementHash: 'ab'.repeat(32),
    blockTimeMs: 2_000,
    finalityThreshold: 67,
    ports: { api: 21_001, metrics: 21_101, peer: 21_300, ceremony: 21_500 },
    validators: ['v-0', 'v-1', 'v-2'].map((name) => ({ name, host: `${name}.peers` })),
    accounts: [
      { name: 'operator-0', roles: ['operator'], balance: 10, stake: 0, host: 'operator-0.peers' },
      { name: 'bank', roles: ['party'], balance: 10, stake: 0, publicKey: generateEd25519().publicKey },
    ],
  },
  'test',
);

let folder: string;
let homes: Map<string, Home>;
let identities: Map<string, PublicIdentity>;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'enc-ceremony-'));
  homes = new Map();
  for (const name of ['v-0', 'v-1', 'v-2']) homes.set(name, await openHome(path.join(folder, name), 'validator', name, settings));
  homes.set('operator-0', await openHome(path.join(folder, 'operator-0'), 'account', 'operator-0', settings));
  identities = new Map([...homes].map(([name, { identity }]) => [name, identity]));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an identity', () => {
  const identity = accountIdentity(CHAIN, 'operator-0', generateEd25519());
  it('is believed as it was signed', () => expect(readIdentity(JSON.parse(JSON.stringify(identity)), CHAIN, 'operator-0')).toEqual(identity));
  it.each<[string, unknown, RegExp]>([
    ['of another name', { ...identity, name: 'operator-1' }, /calls itself operator-1/],
    ['of another chain', { ...identity, chainId: 'other' }, /is of chain other/],
    ['with an exchanged key', { ...identity, ed25519PublicKey: generateEd25519().publicKey }, /signature does not fit/],
    ['with a member more', { ...identity, privateKey: '00' }, /no such member/],
    ['that is nothing', null, /an object/],
  ])('%s is not', (_, answer, why) => expect(readIdentity(answer, CHAIN, 'operator-0')).toMatch(why));
});

describe('the genesis', () => {
  it('waits for everyone, by name', () => {
    expect(missingMembers(settings, new Map())).toEqual(['v-0', 'v-1', 'v-2', 'operator-0']);
    expect(() => assembleGenesis(settings, new Map(), generateEd25519())).toThrow(/without v-0, v-1, v-2, operator-0/);
  });

  it('has everyone in the order of the settings, the agreement, and no private key', () => {
    const genesis = assembleGenesis(settings, identities, generateEd25519());
    expect(genesis.validatorSet.validators.map(({ address }) => address)).toEqual(['v-0', 'v-1', 'v-2']);
    expect(genesis.agreementHash).toBe('ab'.repeat(32));
    const privateKeys = [...homes.keys()].flatMap((name) => {
      const file = path.join(folder, name, name.startsWith('v') ? 'validator.key' : 'account.key');
      expect(statSync(file).mode & 0o077).toBe(0);
      return [...readFileSync(file, 'utf8').matchAll(/"privateKey": "(\w+)"/g)].map(([, key]) => key!);
    });
    expect(privateKeys).toHaveLength(7);
    const shown = JSON.stringify([genesis, ...identities.values()]);
    expect(privateKeys.filter((key) => shown.includes(key))).toEqual([]);
  });

  it('is not made of a proof that is somebody else’s', () => {
    const stolen = { ...identities.get('v-1')!, bls: identities.get('v-0')!.bls! };
    expect(() => assembleGenesis(settings, new Map(identities).set('v-1', stolen), generateEd25519())).toThrow(/the genesis would not be good: validatorSet/);
  });
});

describe('a member', () => {
  const reopened = (name: string) => openHome(path.join(folder, name), name.startsWith('v') ? 'validator' : 'account', name, settings);

  it('refuses a genesis with another key under its name, and keeps none', async () => {
    const impostor = await openHome(path.join(folder, 'impostor'), 'validator', 'v-0', settings);
    const genesis = assembleGenesis(settings, new Map(identities).set('v-0', impostor.identity), generateEd25519());
    await expect(homes.get('v-0')!.accept(genesis)).rejects.toThrow(/names another key for v-0/);
    expect(homes.get('v-0')!.genesis()).toBeUndefined();
    const stranger = await openHome(path.join(folder, 'stranger'), 'account', 'operator-0', settings);
    await expect(stranger.accept(genesis)).rejects.toThrow(/has no account in the genesis/);
  });

  it('takes its own, with the same key at every start, and can start from it', async () => {
    const genesis = assembleGenesis(settings, identities, generateEd25519());
    for (const home of homes.values()) await home.accept(genesis);
    for (const name of homes.keys()) {
      const again = await reopened(name);
      expect(again.identity).toEqual(identities.get(name));
      expect(again.genesis()).toEqual(genesis);
    }
    const config = loadNodeConfig(path.join(folder, 'v-1'));
    expect([config.name, config.peers[2]]).toEqual(['v-1', { host: 'v-2.peers', port: 21_300 }]);
  });

  it('that is new follows the chain under its own name', async () => {
    const genesis = assembleGenesis(settings, identities, generateEd25519());
    const late = await openHome(path.join(folder, 'v-3'), 'validator', 'v-3', settings);
    expect(await late.accept(genesis)).toMatch(/follows the chain/);
    expect(loadNodeConfig(path.join(folder, 'v-3')).name).toBe('v-3');
  });
});

describe('settings', () => {
  it.each<[string, object, RegExp]>([
    ['a name twice', { accounts: [...settings.accounts, settings.accounts[0]!] }, /operator-0 is there twice/],
    ['an account that nobody shows', { accounts: [{ name: 'x', roles: [], balance: 0, stake: 0 }] }, /account x needs either a publicKey, or a host/],
    ['a threshold below two thirds', { finalityThreshold: 50 }, /finalityThreshold/],
    ['a hash that is none', { agreementHash: 'ab' }, /agreementHash/],
  ])('with %s are refused by name', (_, change, why) => expect(() => parseSettings({ ...settings, ...change }, 'values')).toThrow(why));
});
