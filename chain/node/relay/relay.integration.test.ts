// A relay beside real validators: it catches up, serves what a verifying client accepts, leaves who lies or dies, and goes on after a restart.
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createChainClient } from '../../client/chainClient.js';
import type { ChainClient } from '../../client/types.js';
import type { NodeStatus } from '../api/context.js';
import { freePorts } from '../testing/freePorts.js';
import { BPCI, bpci, ProcessSet, until } from '../testing/processSet.js';

let set: ProcessSet;
let liar: Server;
let relay: ChildProcess;
let url: string;
let direct: ChainClient;
let ports: number[];

const status = async (): Promise<NodeStatus> => (await fetch(`${url}/v1/status`)).json() as Promise<NodeStatus>;
const startRelay = (...from: string[]): ChildProcess => {
  const flags = ['--genesis', path.join(set.dataDir, 'genesis.json'), '--data-dir', path.join(set.directory, 'relay'), '--api-port', String(ports[0]), '--metrics-port', String(ports[1])];
  return spawn(process.execPath, [BPCI, 'relay', ...flags, ...from.flatMap((one) => ['--from', one])], { stdio: 'ignore' });
};
const report = (client: ChainClient, name: string) =>
  client.submit('reconcile.report', { object: { kind: 'Workload', namespace: 'n', name, uid: name }, generation: 1, outcome: 'applied', reason: 'x', actions: [] });
const reached = (height: number) => until(`the relay to have block ${height}`, async () => (await status()).height >= height);

beforeAll(async () => {
  set = await ProcessSet.create(4);
  set.start(...set.all);
  await until('the first block', async () => (await set.status(0)).height > 0);
  direct = createChainClient({ endpoints: set.all.map((index) => set.endpoint(index)), genesis: set.genesis, key: set.key('operator') });
  await direct.start();
  for (const name of ['a', 'b', 'c']) await (await report(direct, name)).finalised();
  liar = createServer((request, response) => {
    void fetch(set.endpoint(0) + request.url!).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      const decoder = new TextDecoder();
      for await (const chunk of answer.body!) response.write(decoder.decode(chunk as Uint8Array, { stream: true }).replaceAll('"stateRoot":"', '"stateRoot":"0'));
    }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
  ports = await freePorts(2);
  url = `http://127.0.0.1:${ports[0]}`;
  relay = startRelay(`http://127.0.0.1:${(liar.address() as { port: number }).port}`, set.endpoint(1), set.endpoint(2));
}, 60_000);

afterAll(async () => {
  relay.kill('SIGKILL');
  liar.closeAllConnections();
  liar.close();
  await direct.stop();
  await set.destroy();
});

it('catches up although the first that it asks lies, and a client that verifies everything can read from it alone', async () => {
  await reached(direct.head().height);
  const client = createChainClient({ endpoints: [url], genesis: set.genesis, key: set.key('operator') });
  await client.start();
  try {
    const submission = await report(direct, 'through');
    const { height } = await submission.finalised();
    await until('the client to follow', async () => client.head().height >= height);
    expect(await client.receipt(submission.receiptId)).toMatchObject({ header: { height } });
    await expect(report(client, 'not-here')).rejects.toMatchObject({ message: expect.stringMatching(/NotAValidator|relay/) });
  } finally {
    await client.stop();
  }
});

it('says what it is, and its state is the validators\' own', async () => {
  const { index, height } = await status();
  expect(index).toBeNull();
  const block = (await (await fetch(`${url}/v1/blocks/${height}`)).json()) as { header: { stateRoot: string } };
  expect(block).toMatchObject({ header: (await set.get<{ header: object }>(3, `/v1/blocks/${height}`)).header });
});

it('follows another when the one that it follows dies, and goes on where it was after a restart', async () => {
  await set.kill('SIGKILL', 1);
  const { height } = await (await report(direct, 'after')).finalised();
  await reached(height);
  const ended = new Promise((resolve) => relay.once('exit', resolve));
  relay.kill('SIGTERM');
  expect(await ended).toBe(0);
  relay = startRelay(set.endpoint(2));
  await until('the relay to listen again', async () => (await status()).height >= height);
  await reached((await (await report(direct, 'again')).finalised()).height);
});

it.each([
  [['--genesis', '/nowhere.json', '--from', 'http://127.0.0.1:1'], /nowhere\.json cannot be read/],
  [['--genesis', 'x', '--from', 'nonsense'], /nonsense/],
  [['--genesis', 'x'], /--from/],
])('%j ends with code 2 and one line', (flags, message) => {
  const { code, stderr } = bpci('relay', '--data-dir', path.join(set.directory, 'other'), ...flags);
  expect([code, stderr.trim().split('\n').length]).toEqual([2, 1]);
  expect(stderr).toMatch(message);
});
