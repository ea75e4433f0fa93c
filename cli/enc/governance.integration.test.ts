// Four real validators: a vote and a case by the commands that people type, read back from the court's service; and an upgrade that nobody has the code for.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../chain/node/testing/freePorts.js';
import { BPCI, ProcessSet, until } from '../../chain/node/testing/processSet.js';

const program = (name: string) => path.join(path.dirname(BPCI), name);
let set: ProcessSet;
let court: ChildProcess | undefined;
let courtUrl: string;

const genesis = () => path.join(set.dataDir, 'genesis.json');
const endpoints = () => set.all.map((i) => set.endpoint(i)).join(',');
const key = (name: string) => path.join(set.dataDir, 'keys', `${name}.key`);
const validatorKey = (i: number) => path.join(set.home(i), 'validator.key');
function enc(...arguments_: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program('kubectl-enc.js'), ...arguments_, '--endpoints', endpoints(), '--genesis', genesis()], { encoding: 'utf8', timeout: 60_000 });
  return { code: status, stdout, stderr };
}
function file(name: string, content: unknown): string {
  const at = path.join(set.directory, name);
  writeFileSync(at, JSON.stringify(content));
  return at;
}

beforeAll(async () => {
  set = await ProcessSet.create(4, '--block-time', '500ms');
  set.start(...set.all);
  await until('blocks', async () => (await set.status(0)).height > 0);
});
afterAll(async () => {
  court?.kill('SIGTERM');
  await set.destroy();
});

describe('governance', () => {
  it('a parameter change is proposed, voted on, shown, and waits for its timelock', () => {
    const change = { title: 'Double the receipt fee', reason: 'spam', content: { kind: 'EconomicParameter', changes: { receiptFee: 2 }, height: 1 } };
    expect(enc('propose', file('change.json', change), '--key', key('operator'))).toMatchObject({ code: 0, stdout: expect.stringContaining('agreement 5.2: twoThirds') as string });
    const [proposal] = JSON.parse(enc('proposals', '--output', 'json').stdout) as [{ id: string }];
    for (const i of [0, 1, 2]) expect(enc('vote', proposal.id, 'approve', '--key', validatorKey(i))).toMatchObject({ code: 0 });
    expect(enc('vote', proposal.id, 'approve', '--key', validatorKey(0))).toMatchObject({ code: 1, stderr: expect.stringContaining('AlreadyVoted') as string });
    expect(enc('vote', proposal.id, 'reject', '--key', key('operator'))).toMatchObject({ code: 1, stderr: expect.stringContaining('NotPermitted') as string });
    expect(enc('proposals', proposal.id.slice(0, 12)).stdout).toMatch(/state +Voting\napprove +validator-0, validator-1, validator-2/);
  });
});

describe('the court', () => {
  it('serves what the ledger holds, and a case that a party opened', async () => {
    const [port] = await freePorts(1);
    courtUrl = `http://127.0.0.1:${port}`;
    const flags = ['start', '--bpci-endpoint', endpoints(), '--genesis', genesis(), '--jurisdiction', 'delaware', '--arbitration-threshold', '200', '--legal-framework-version', 'v1.0', '--court-api-port', String(port)];
    court = spawn(process.execPath, [program('agreement-court.js'), ...flags], { stdio: 'ignore' });
    const status = await until('the court', async () => (await (await fetch(`${courtUrl}/v1/status`)).json()) as { chainId: string });
    expect(status).toMatchObject({ chainId: 'test-net', jurisdiction: 'US-DE', arbitrationThreshold: 200 });

    const claim = { category: 'Economic', respondent: set.key('operator').publicKey, remedy: 'Compensation', subject: '', amount: 300_000_000, claim: 'charged twice', evidence: [{ type: 'record', key: 'supply' }] };
    const [account] = ['webhook', 'node-operator'].filter((name) => set.genesis.accounts.some((one) => one.name === name && one.balance > 20_000_000));
    expect(enc('dispute', 'open', file('case.json', claim), '--key', key(account!))).toMatchObject({ code: 0, stdout: expect.stringContaining('takes evidence until') as string });
    const [one] = (await (await fetch(`${courtUrl}/v1/cases`)).json()) as [{ id: string; evidence: object[] }];
    expect(await (await fetch(`${courtUrl}/v1/cases/${one.id}/evidence`)).json()).toMatchObject([{ type: 'record', shows: expect.stringContaining('supply with hash') as string }]);
    expect(enc('disputes', one.id).stdout).toMatch(/remedy +Compensation, 300 BPI/);
  });

  it('hands on what a party signed, and shows why validators refuse it', async () => {
    const post = async (path_: string, transaction: unknown) => fetch(courtUrl + path_, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ transaction }) });
    const unsigned = JSON.stringify({ body: { type: 'case.open', payload: {} }, signature: '' });
    const refused = await post('/v1/cases', unsigned);
    expect([refused.status, await refused.json()]).toMatchObject([422, { error: { code: 'Refused' } }]);
  });

  it('does not start with a threshold that is not the ledger’s', () => {
    const { status, stderr } = spawnSync(process.execPath, [program('agreement-court.js'), 'start', '--bpci-endpoint', endpoints(), '--genesis', genesis(), '--arbitration-threshold', '5'], { encoding: 'utf8', timeout: 60_000 });
    expect([status, stderr]).toEqual([2, expect.stringContaining('the ledger has 200 BPI')]);
  });
});

describe('an upgrade that nobody has the code for', () => {
  it('ends every validator at one height, with exit code 2, and no fork', async () => {
    const patch = { title: 'patch', reason: '', content: { kind: 'SecurityPatch', version: 2, height: 1 } };
    expect(enc('propose', file('patch.json', patch), '--key', key('operator')).code).toBe(0);
    const { id } = (JSON.parse(enc('proposals', '--output', 'json').stdout) as { id: string; title: string }[]).find(({ title }) => title === 'patch')!;
    for (const i of [0, 1]) expect(enc('vote', id, 'approve', '--key', validatorKey(i)).code).toBe(0);
    enc('vote', id, 'approve', '--key', validatorKey(2));
    await until('all to end', async () => (await Promise.all(set.all.map((i) => set.status(i).then(() => false, () => true)))).every(Boolean));
    const again = spawnSync(process.execPath, [BPCI, 'start', '--home', set.home(0)], { encoding: 'utf8', timeout: 60_000 });
    expect(again.status).toBe(2);
    expect(`${again.stdout}${again.stderr}`).toMatch(/from block \d+ on protocol version 2 is in force, this program has up to 1/);
    expect(readFileSync(genesis(), 'utf8')).toContain('test-net');
  });
});
