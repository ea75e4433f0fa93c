import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ed25519FromSeed } from '../crypto/ed25519.js';
import { readConfig } from './config.js';

let folder: string;
let good: string[];
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'enc-operator-'));
  const file = (name: string, value: unknown) => {
    const at = path.join(folder, name);
    writeFileSync(at, JSON.stringify(value), { mode: 0o600 });
    return at;
  };
  const genesis = file('genesis.json', { chainId: 'enc-test', validatorSet: { validators: [] } });
  const key = file('operator.key', ed25519FromSeed('01'.repeat(32)));
  file('other.json', { a: 1 });
  good = ['--kubeconfig', 'k', '--chain-endpoints', 'http://127.0.0.1:21001, http://127.0.0.1:21201', '--genesis', genesis, '--key', key];
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The good flags with one set to another value; null takes it away. */
function withFlag(flag: string, value: string | null): string[] {
  const at = good.indexOf(flag);
  const without = at < 0 ? good : [...good.slice(0, at), ...good.slice(at + 2)];
  return value === null ? without : [...without, flag, value];
}

describe('readConfig', () => {
  it('reads the flags and has defaults for the rest', () => {
    expect(readConfig(good)).toMatchObject({
      kubeconfig: 'k',
      endpoints: ['http://127.0.0.1:21001', 'http://127.0.0.1:21201'],
      genesis: { chainId: 'enc-test' },
      leaseNamespace: 'enc-system',
      leaseDurationMs: 4_000,
      metricsHost: '127.0.0.1',
      metricsPort: 21_145,
      logLevel: 'info',
    });
  });

  it("acts as its pod's service account when there is no kubeconfig", () => expect(readConfig(withFlag('--kubeconfig', null)).kubeconfig).toBeUndefined());

  it.each<[string, string, string | null, string]>([
    ['an unknown flag', '--colour', 'blue', "unknown option '--colour'"],
    ['no genesis', '--genesis', null, "required option '--genesis <file>' not specified"],
    ['a port that is none', '--metrics-port', '70000', '70000'],
    ['an endpoint that is none', '--chain-endpoints', 'localhost:21001', '"localhost:21001" is no URL of a validator, as http://127.0.0.1:21001'],
    ['no endpoint', '--chain-endpoints', ',', 'Name at least one validator'],
    ['a log level that is none', '--log-level', 'loud', 'Allowed choices are debug, info, warn, error'],
    ['a lease that is over at once', '--lease-duration', '1', 'whole seconds from 3 to 300'],
    ['a genesis that is not there', '--genesis', '/nowhere/genesis.json', 'name the genesis.json that bpci init wrote'],
    ['a key that is not there', '--key', '/nowhere/operator.key', '/nowhere/operator.key'],
  ])('refuses %s in one line', (_name, flag, value, message) => {
    expect(() => readConfig(withFlag(flag, value))).toThrow(message);
    try {
      readConfig(withFlag(flag, value));
    } catch (error) {
      expect((error as Error).message).not.toContain('\n');
    }
  });

  it('refuses a file that is no genesis', () =>
    expect(() => readConfig(withFlag('--genesis', path.join(folder, 'other.json')))).toThrow('it has no chainId or validatorSet'));
});
