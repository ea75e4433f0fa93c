// A candidate's home, and what its holder says of itself later on: the same as was written when the home was made.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { introduction, makeCandidate } from './candidate.js';
import { createNetwork, portsOf } from './network.js';

const PEER = { host: 'candidate.example', port: 21_304 };
let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'enc-candidate-'));
  await createNetwork({ dataDir: at('network'), chainId: 'test-chain', validators: 1, blockTimeMs: 1_000, finalityThreshold: 67, accounts: [], ports: portsOf(21_001, 21_101), peers: [] });
  await makeCandidate({ from: at('network/validator-0'), home: at('home'), name: 'newcomer', peerAddress: PEER, apiPort: 21_001, metricsPort: 21_101, out: at('newcomer.json') });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('introduction', () => {
  it('says of a home what was written when it was made', () => {
    expect(introduction(at('home'), PEER)).toEqual(JSON.parse(readFileSync(at('newcomer.json'), 'utf8')));
  });
  it('calls a member of the genesis, which may come back, by its name there', () => {
    expect(introduction(at('network/validator-0'), PEER)).toMatchObject({ address: 'validator-0', endpoint: 'candidate.example:21304' });
  });
  it('refuses a home that nothing names', () => {
    const file = at('home/node.json');
    const { name: _, ...nameless } = JSON.parse(readFileSync(file, 'utf8')) as { name: string };
    writeFileSync(file, JSON.stringify(nameless));
    expect(() => introduction(at('home'), PEER)).toThrow(/neither its genesis nor its node.json names it/);
  });
});
