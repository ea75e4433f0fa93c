// Real validators and a relay: who is far behind begins with a snapshot, old blocks are dropped where one replaces them, and a kill at any moment changes nothing.
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { homeFiles } from '../config.js';
import { freePorts } from '../testing/freePorts.js';
import { BPCI, bpci, ProcessSet, until } from '../testing/processSet.js';
import { report, submit } from '../testing/testClient.js';

const LAST = 3;
const KEEP = { snapshotEvery: 5, snapshotSyncAbove: 10, retainBlocks: 10 };
let set: ProcessSet;
let relay: ChildProcess | undefined;

const files = (index: number) => homeFiles(set.home(index));
const height = async (index: number): Promise<number> => (await set.status(index)).height;
const configure = (index: number, settings: object): void => {
  const { config } = files(index);
  writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), ...settings }));
};
/** Blocks with something in them. */
async function grow(by: number): Promise<number> {
  const target = (await until('the first validator', async () => (await height(0)) + 1)) - 1 + by;
  await until(`block ${target}`, async () => {
    await submit(set, 0, [report(set, target + 100)]);
    return (await height(0)) >= target;
  });
  return target;
}
const error = async (url: string): Promise<{ status: number; code: string; message: string }> => {
  const answer = await fetch(url);
  return { status: answer.status, ...((await answer.json()) as { error: { code: string; message: string } }).error };
};

beforeAll(async () => {
  set = await ProcessSet.create(4, '--block-time', '200ms');
  configure(0, KEEP);
  configure(1, KEEP);
  configure(2, { snapshotEvery: 5 });
  configure(LAST, { ...KEEP, retainBlocks: undefined });
  set.start(0, 1, 2);
  await grow(30);
}, 120_000);

afterAll(async () => {
  relay?.kill('SIGKILL');
  await set.destroy();
});

it('a validator that never ran begins with a snapshot of the others, votes, and is killed and started again like any other', async () => {
  set.start(LAST);
  await until('the newcomer to be there', async () => (await height(LAST)) >= 30 && !(await set.status(LAST)).syncing);
  expect(existsSync(files(LAST).incoming)).toBe(false);
  const refused = await error(`${set.endpoint(LAST)}/v1/blocks/1`);
  expect(refused).toMatchObject({ status: 410, code: 'Pruned', message: expect.stringContaining('archive node') });
  await set.kill('SIGKILL', 2);
  const target = await grow(3);
  await until('it to go on with two others', async () => (await height(LAST)) >= target);
  await set.kill('SIGKILL', LAST);
  set.start(2, LAST);
  await until('both to be back', async () => (await height(LAST)) >= target && (await height(2)) >= target);
  const [own, theirs] = await Promise.all([LAST, 2].map((index) => set.get<{ header: object }>(index, `/v1/blocks/${target}`)));
  expect(own!.header).toEqual(theirs!.header);
}, 120_000);

it('goes on with the parts that it has after a kill while it fetches', async () => {
  await set.kill('SIGKILL', LAST);
  rmSync(files(LAST).blocks, { recursive: true });
  rmSync(files(LAST).votes, { force: true });
  // Half of a snapshot, as a kill leaves it.
  const { snapshots } = files(2);
  const newest = (await set.get<{ header: { height: number } }>(2, '/v1/snapshot')).header.height;
  cpSync(path.join(snapshots, String(newest), 'manifest.json'), path.join(files(LAST).incoming, 'manifest.json'));
  set.start(LAST);
  const target = await grow(3);
  await until('it to be there again', async () => (await height(LAST)) >= target);
  expect((await error(`${set.endpoint(LAST)}/v1/blocks/1`)).status).toBe(410);
}, 120_000);

it('drops what a snapshot replaces where that was asked for, and nothing elsewhere', async () => {
  const target = await grow(15);
  await until('old blocks to be dropped', async () => (await fetch(`${set.endpoint(0)}/v1/blocks/5`)).status === 410);
  expect((await fetch(`${set.endpoint(0)}/v1/headers?from=1&limit=1`)).status).toBe(200);
  expect((await fetch(`${set.endpoint(0)}/v1/blocks/${target}`)).status).toBe(200);
  expect((await fetch(`${set.endpoint(2)}/v1/blocks/5`)).status).toBe(200);
  expect(await error(`${set.endpoint(0)}/v1/events?from=1`)).toMatchObject({ status: 410, code: 'Pruned' });
  const replay = bpci('replay', '--home', set.home(0));
  expect([replay.code, replay.stderr.trim().split('\n').length]).toEqual([2, 1]);
  expect(replay.stderr).toMatch(/block 1 .*archive/);
  expect(bpci('replay', '--home', set.home(2)).code).toBe(0);
}, 120_000);

it('a relay that starts far behind begins with a snapshot too', async () => {
  const [api, metrics] = await freePorts(2);
  const flags = ['--genesis', path.join(set.dataDir, 'genesis.json'), '--data-dir', path.join(set.directory, 'relay'), '--api-port', String(api), '--metrics-port', String(metrics), '--snapshot-sync-above', '10'];
  relay = spawn(process.execPath, [BPCI, 'relay', ...flags, '--from', set.endpoint(0), '--from', set.endpoint(2)], { stdio: 'ignore' });
  const target = await grow(2);
  await until('the relay to follow', async () => ((await (await fetch(`http://127.0.0.1:${api}/v1/status`)).json()) as { height: number }).height >= target);
  expect((await error(`http://127.0.0.1:${api}/v1/blocks/1`)).status).toBe(410);
}, 60_000);
