// bpci start as a user runs it: a whole set from nothing, kept alive, stopped cleanly; and every bad input as one line with exit code 2.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BPCI, bpci, until } from '../../chain/node/testing/processSet.js';
import type { NodeStatus } from '../../chain/node/api/context.js';

// Below the ports that the system gives to outgoing connections.
const API = 29_001;
const METRICS = 29_101;
let directory: string;
let dataDir: string;
let parent: ChildProcess | undefined;
let output = '';

const startFlags = (...rest: string[]) => ['start', '--mainnet', '--consensus', 'ibft', '--validator-set-size', '4', '--block-time', '1s', '--finality-threshold', '67', '--api-port', String(API), '--metrics-port', String(METRICS), '--data-dir', dataDir, ...rest]; // prettier-ignore
function start(): void {
  output = '';
  parent = spawn(process.execPath, [BPCI, ...startFlags()], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [parent.stdout!, parent.stderr!]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
}
async function stop(signal: NodeJS.Signals): Promise<number | null> {
  const child = parent!;
  parent = undefined;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return ended;
}
const status = async (port = API): Promise<NodeStatus> => (await (await fetch(`http://127.0.0.1:${port}/v1/status`)).json()) as NodeStatus;
const running = () => until('four running validators', async () => (await Promise.all([API, API + 200, API + 201, API + 202].map(status))).every(({ height, peersConnected }) => height > 0 && peersConnected === 3));
const pidsIn = (text: string, name: string) => [...text.matchAll(new RegExp(`${name} \\(pid (\\d+)\\)`, 'g'))].map(([, pid]) => Number(pid));
const alive = (pid: number) => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'enc-start-'));
  dataDir = path.join(directory, 'mainnet');
});
afterAll(async () => {
  if (parent) await stop('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});

describe('bpci start', () => {
  it("makes a network from nothing with the plan's flags and runs it, on the documented ports", async () => {
    start();
    await running();
    expect((await status()).chainId).toBe('bpci-mainnet');
    expect(statSync(path.join(dataDir, 'keys', 'operator.key')).mode & 0o777).toBe(0o600);
    for (let i = 0; i < 4; i++) expect(await (await fetch(`http://127.0.0.1:${METRICS + i}/metrics`)).text()).toContain('bpci_peers_connected 3');
    expect(bpci('keys', '--data-dir', dataDir).stdout).toMatch(/operator +[0-9a-f]{64} +operator\n(.|\n)*validator-3/);
    const endpoint = `http://127.0.0.1:${API}`;
    expect(bpci('status', '--endpoint', endpoint).stdout).toMatch(/connected +4 of 4 validators/);
    expect(bpci('block', 'latest', '--endpoint', endpoint).stdout).toMatch(/signers +[34] of 4: .*\ncertificate +valid/);
    expect(bpci('why-halted', '--endpoint', endpoint).stdout).toBe('the chain is not halted\n');
    expect(bpci('peers', '--endpoint', endpoint).stdout.trim().split('\n')).toHaveLength(5);
    for (let i = 0; i < 4; i++) expect(bpci('validators', '--endpoint', endpoint).stdout).toMatch(new RegExp(`^${i} +validator-${i} +[0-9a-f]{64} `, 'm'));
  });

  it('starts a validator again that was killed, and says so in one line', async () => {
    const [pid] = pidsIn(output, 'validator-2');
    process.kill(pid!, 'SIGKILL');
    await until('the line', async () => /validator-2: killed by SIGKILL; starting it again in \d+ ms/.test(output));
    await until('another pid', async () => pidsIn(output, 'validator-2').some((other) => other !== pid));
    await running();
  });

  it('is taken over when it is killed itself: its validators end with it, and the next start goes on', async () => {
    const { height } = await status();
    const pids = pidsIn(output, 'validator-\\d');
    await stop('SIGKILL');
    start();
    await running();
    expect((await status()).height).toBeGreaterThanOrEqual(height);
    expect(pids.filter(alive)).toEqual([]);
  });

  it('refuses other settings for the same directory, and leaves it as it is', () => {
    const before = readFileSync(path.join(dataDir, 'genesis.json'), 'utf8');
    for (const [flag, value, message] of [
      ['--validator-set-size', '7', /--validator-set-size 7: the network in --data-dir .* was made with 4/],
      ['--block-time', '3s', /--block-time 3000ms: .* was made with 1000ms/],
      ['--finality-threshold', '80', /--finality-threshold 80: .* was made with 67/],
    ] as const) {
      const flags = startFlags();
      flags[flags.indexOf(flag) + 1] = value;
      const end = bpci(...flags);
      expect([end.code, end.stderr.trim().split('\n').length]).toEqual([2, 1]);
      expect(end.stderr).toMatch(message);
    }
    const other = bpci(...startFlags().filter((flag) => flag !== '--mainnet'), '--chain-id', 'other');
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/--chain-id other: .* was made with bpci-mainnet/)]);
    expect(readFileSync(path.join(dataDir, 'genesis.json'), 'utf8')).toBe(before);
  });

  it('stops all on SIGTERM and ends with 0', async () => {
    const pids = pidsIn(output, 'validator-\\d');
    expect(await stop('SIGTERM')).toBe(0);
    expect(pids.filter(alive)).toEqual([]);
    expect(output).toMatch(/validator-3.*stopped/);
  });

  it.each([
    ['a store cut short', (home: string) => truncateSync(path.join(home, 'data/blocks/data.mdb'), 9_000), /block store in .* is damaged/],
    ['a vote log of another kind', (home: string) => writeFileSync(path.join(home, 'data/votes.log'), 'not a log at all'), /votes.log is damaged at byte 0/],
    ['a key that others may read', (home: string) => chmodSync(path.join(home, 'validator.key'), 0o644), /mode 0644, others may read it; run: chmod 600/],
    ['a key cut short', (home: string) => truncateSync(path.join(home, 'validator.key'), 20), /validator.key is malformed/],
    ['a genesis that was changed', (home: string) => edit(home, 'genesis.json', '"minimumStake": 500000000', '"minimumStake": 1'), /creator.signature: does not fit this document/],
    ['a genesis of no JSON', (home: string) => writeFileSync(path.join(home, 'genesis.json'), '{'), /genesis.json is malformed: it is no JSON/],
    ['a port that is none', (home: string) => edit(home, 'node.json', String(API), '99999'), /node.json is malformed: node.api.port is 99999/],
    ['no node.json', (home: string) => rmSync(path.join(home, 'node.json')), /there is no node.json/],
  ])('--home with %s ends with 2 and one line, and changes nothing', (_, damage, message) => {
    const home = path.join(directory, 'copy');
    rmSync(home, { recursive: true, force: true });
    cpSync(path.join(dataDir, 'validator-0'), home, { recursive: true });
    damage(home);
    const end = bpci('start', '--home', home);
    expect([end.code, end.stderr.trim().split('\n').at(-1)]).toEqual([2, expect.stringMatching(message)]);
  });

  it('ends the whole set when a validator cannot start, with its line', async () => {
    const copy = path.join(directory, 'mainnet-damaged');
    cpSync(dataDir, copy, { recursive: true });
    truncateSync(path.join(copy, 'validator-1/data/blocks/data.mdb'), 9_000);
    const end = bpci(...startFlags().map((flag) => (flag === dataDir ? copy : flag)));
    expect([end.code, end.stderr]).toEqual([2, expect.stringMatching(/^bpci: the block store in .*validator-1.* is damaged .*\n$/)]);
  });

  it('--home refuses the data of another chain', () => {
    const other = path.join(directory, 'other');
    expect(bpci('init', '--data-dir', other, '--chain-id', 'other-chain', '--validator-set-size', '1', '--api-port', '29401', '--metrics-port', '29501').code).toBe(0);
    cpSync(path.join(dataDir, 'validator-0', 'data', 'blocks'), path.join(other, 'validator-0', 'data', 'blocks'), { recursive: true });
    const end = bpci('start', '--home', path.join(other, 'validator-0'));
    expect([end.code, end.stderr]).toEqual([2, expect.stringMatching(/holds chain "bpci-mainnet" .*, not "other-chain"/)]);
  });
});

describe('bad flags', () => {
  const fresh = () => path.join(directory, 'fresh');
  it.each([
    [['start', '--validator-set-size', '2'], /'--validator-set-size <n>' argument '2' is invalid. 2 validators stop as soon as one/],
    [['start', '--finality-threshold', '101'], /'101' is invalid. expected a percentage from 67 to 100/],
    [['start', '--finality-threshold', '50'], /below 67 two conflicting blocks/],
    [['start', '--api-port', '0'], /'0' is invalid. expected a port number/],
    [['start', '--consensus', 'raft'], /expected ibft/],
    [['start', '--block-time', '2'], /such as 2s/],
    [['start', '--no-such-flag'], /unknown option '--no-such-flag'/],
    [['start', '--api-port', '65400'], /would be 65\d{3}, above 65535/],
    [['start', '--api-port', '22000', '--metrics-port', '22000'], /--metrics-port and --api-port would both be 22000/],
    [['start', '--mainnet', '--chain-id', 'x'], /--chain-id x cannot be given with --mainnet/],
    [['start', '--mainnet', '--trial'], /--trial cannot be given with --mainnet/],
    [['start', '--trial', '--chain-id', 'x'], /--chain-id x cannot be given with --trial/],
    [['start', '--home', '/nonexistent'], /--home \/nonexistent: there is no node.json/],
    [['start', '--home', '/nonexistent', '--validator-set-size', '4'], /--validator-set-size cannot be given with --home/],
    [['init', '--chain-id', 'x'], /required option '--data-dir/],
    [['init', '--data-dir', '/tmp', '--chain-id', 'x'], /the directory is not empty/],
    [['init', '--data-dir', '/nonexistent/x', '--chain-id', 'x', '--peer', 'a:1'], /--peer was given 1 times, --validator-set-size is 4/],
    [['block', 'seven'], /expected a height from 1, or latest/],
    [['tx', 'abc'], /64 lower-case hex digits/],
    [['status', '--endpoint', 'nowhere'], /expected a URL/],
    [['replay', '--file', '/nonexistent'], /--file \/nonexistent: ENOENT/],
    [['replay', '--home', '/nonexistent'], /there is no genesis.json/],
    [['export', '--home', '/nonexistent', '--out', '/tmp/x'], /there is no genesis.json/],
    [['dance'], /unknown command 'dance'/],
  ])('bpci %j', (flags, message) => {
    const all = flags[0] === 'start' && !flags.includes('--home') ? [...flags, '--data-dir', fresh()] : flags;
    const end = bpci(...all);
    expect([end.code, end.stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(end.stderr).toMatch(message);
    expect(existsSync(fresh())).toBe(false);
  });

  it('a port in use, before anything is made', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(29_601, '127.0.0.1', resolve));
    const end = bpci('start', '--data-dir', fresh(), '--api-port', '29601', '--metrics-port', '29701');
    await new Promise((resolve) => server.close(resolve));
    expect([end.code, end.stderr]).toEqual([2, 'bpci: --api-port 29601: the port is in use; stop what uses it or choose another\n']);
    expect(existsSync(fresh())).toBe(false);
  });
});

function edit(home: string, name: string, from: string, to: string): void {
  const file = path.join(home, name);
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
}
