// Flags that are wrong are named, with what would be right.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CommanderError } from 'commander';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { testValidators } from '../receipts/testing/testValidators.js';
import { readConfig } from './config.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'enc-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text = '') => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};
const genesis = file('genesis.json', JSON.stringify({ chainId: 'enc', validatorSet: testValidators(4).set }));
const given = {
  '--kubeconfig': file('kubeconfig'),
  '--chain-endpoints': 'http://127.0.0.1:21001',
  '--genesis': genesis,
  '--key': file('webhook.key'),
};
const flags = (changes: Record<string, string | undefined> = {}) =>
  Object.entries({ ...given, ...changes }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));

function complaint(argv: string[]): string {
  const lines: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    readConfig(argv);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(CommanderError);
    expect((error as CommanderError).exitCode).not.toBe(0);
    return lines.join('').trim();
  } finally {
    stderr.mockRestore();
  }
}

describe('readConfig', () => {
  it('has a default for all that has one', () => {
    expect(readConfig(flags({ '--chain-endpoints': 'http://a:1, http://b:2' }))).toMatchObject({
      chainEndpoints: ['http://a:1', 'http://b:2'],
      host: '127.0.0.1',
      port: 21_443,
      metricsPort: 21_144,
      logLevel: 'info',
      genesis: { chainId: 'enc' },
    });
  });

  it.each<[string, string[], RegExp]>([
    ['a missing flag', flags({ '--key': undefined }), /--key <file>/],
    ['an unknown flag', [...flags(), '--fast'], /unknown option '--fast'/],
    ['a port out of range', flags({ '--port': '70000' }), /--port.*70000.*from 1 to 65535/],
    ['a port that is no number', flags({ '--metrics-port': 'x' }), /--metrics-port.*from 1 to 65535/],
    ['a file that is not there', flags({ '--key': '/none' }), /--key.*\/none.*no such file/],
    ['an endpoint that is no URL', flags({ '--chain-endpoints': 'localhost:1' }), /--chain-endpoints.*no http URL/],
    ['no endpoint', flags({ '--chain-endpoints': ',' }), /at least one/],
    ['a genesis that is no JSON', flags({ '--genesis': file('bad.json', '{') }), /--genesis.*no genesis file/],
    ['a genesis of something else', flags({ '--genesis': file('other.json', '{"chainId":"a"}') }), /validatorSet/],
    ['a genesis that is null', flags({ '--genesis': file('null.json', 'null') }), /no genesis file: chainId/],
    ['an http URL to register', flags({ '--register': 'http://127.0.0.1' }), /https URL/],
    ['a certificate without its key', flags({ '--tls-cert': genesis }), /--tls-cert and --tls-key go together/],
    ['an unknown log level', flags({ '--log-level': 'loud' }), /error, warn, info, debug/],
  ])('refuses %s in one line', (_name, argv, message) => {
    expect(complaint(argv)).toMatch(message);
    expect(complaint(argv).split('\n')).toHaveLength(1);
  });
});
