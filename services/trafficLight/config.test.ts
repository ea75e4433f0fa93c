import { CommanderError } from 'commander';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testValidators } from '../../receipts/testing/testValidators.js';
import { readConfig } from './config.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'enc-light-'));
const genesis = path.join(folder, 'genesis.json');
const key = path.join(folder, 'key.json');
beforeAll(() => {
  writeFileSync(genesis, JSON.stringify({ chainId: 'enc-test', validatorSet: testValidators(4).set }));
  writeFileSync(key, '{}');
});
afterAll(() => rmSync(folder, { recursive: true }));
const given = () => ['start', '--bpci-endpoint', 'http://127.0.0.1:21001', '--genesis', genesis, '--key', key];

describe('readConfig', () => {
  it('takes the flags of the plan', () => {
    const flags = ['--biso-endpoint', 'http://127.0.0.1:21003', '--court-endpoint', 'http://127.0.0.1:21002', '--pipeline-mode', 'real-time', '--decision-latency-ms', '10', '--dashboard-port', '21004'];
    expect(readConfig([...given(), ...flags])).toMatchObject({ bpciEndpoint: ['http://127.0.0.1:21001'], bisoEndpoint: 'http://127.0.0.1:21003', courtEndpoint: 'http://127.0.0.1:21002', pipelineMode: 'real-time', decisionLatencyMs: 10, dashboardPort: 21_004, host: '127.0.0.1' });
  });
  it('has the plan\'s values as defaults', () => expect(readConfig(given())).toMatchObject({ pipelineMode: 'real-time', decisionLatencyMs: 10, dashboardPort: 21_004 }));

  it.each<[name: string, argv: () => string[], says: RegExp]>([
    ['no endpoint', () => ['start', '--genesis', genesis, '--key', key], /--bpci-endpoint/],
    ['an endpoint that is no URL', () => [...given(), '--bpci-endpoint', 'nowhere'], /"nowhere" is no http URL/],
    ['a mode that is none', () => [...given(), '--pipeline-mode', 'fast'], /real-time, advisory/],
    ['a port that is none', () => [...given(), '--dashboard-port', '70000'], /from 1 to 65535/],
    ['a latency of nothing', () => [...given(), '--decision-latency-ms', '0'], /from 1 to 10000/],
    ['a genesis that is none', () => [...given(), '--genesis', key], /is no genesis file/],
    ['a key that is not there', () => [...given(), '--key', '/nowhere'], /there is no such file/],
  ])('refuses %s', (_name, argv, says) => {
    const said: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    expect(() => readConfig(argv())).toThrow(CommanderError);
    write.mockRestore();
    expect(said.join('')).toMatch(says);
  });
});
