// The HTTP API over real sockets: every resource answers as documented, every kind of bad input gets a 4xx and harms nobody.
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Server } from 'node:http';
import { sha256Hex } from '../../../crypto/hash.js';
import { SparseMerkleTree, verifyStateProof } from '../../../crypto/sparseMerkleTree.js';
import { toHex, utf8 } from '../../../crypto/encoding.js';
import { decodeEntryBundle } from '../../../receipts/log/entryBundle.js';
import { EMPTY_HISTORY, extendHistory } from '../../../receipts/history.js';
import { verifyHistory, type HistoryAnswer } from '../../../receipts/verify/verifyHistory.js';
import { leafHash, merkleRoot } from '../../../receipts/merkle/treeHash.js';
import { MerkleFrontier } from '../../../receipts/merkle/merkleFrontier.js';
import type { Genesis } from '../../types.js';
import { SnapshotFiles } from '../snapshot/snapshotFiles.js';
import { BlockStore } from '../storage/blockStore.js';
import { testBlock, testHeader } from '../testing/testBlocks.js';
import { testSet } from '../testing/testSet.js';
import type { ApiContext, NodeStatus } from './context.js';
import { apiListener, closeServer, listen } from './server.js';

const { keys, set } = testSet(1);
const state: [string, string][] = Array.from({ length: 5 }, (_, i) => [`node/${i}`, `{"n":${i}}`]);
const tree = SparseMerkleTree.fromEntries(state);
const log = MerkleFrontier.empty();
const commits = new Set<(height: number) => void>();
const reported: unknown[] = [];
let store: BlockStore;
let server: Server;
let base: string;
let directory: string;

async function commit(height: number): Promise<void> {
  const block = testBlock(height, 2, log);
  block.header.stateRoot = tree.rootHex;
  await store.commit({ block, state: [] });
  for (const listener of commits) listener(height);
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'enc-api-'));
  store = await BlockStore.open(directory, { chainId: 'test-chain', genesisHash: 'g', header: testHeader(0, log, tree.rootHex), state });
  await commit(1);
  const context: ApiContext = {
    genesis: { chainId: 'test-chain', validatorSet: set } as Genesis,
    keys: keys[0]!,
    version: '1.2.3',
    store,
    snapshots: new SnapshotFiles(path.join(directory, 'snapshots')),
    sets: () => [{ since: 1, hash: '', set, endpoints: {}, changedBy: null }],
    head: () => ({ ...store.header(store.height)!, tree }),
    status: () => ({ height: store.height, halted: null, syncing: false }) as NodeStatus,
    haltStatement: () => undefined,
    checkpoint: () => (store.height > 1 ? 'a note\n' : undefined),
    submit: async (transactions) => {
      if (transactions.includes('crash')) throw new Error('a bug');
      return { acknowledgements: [], refusals: transactions.map((raw) => ({ transactionId: sha256Hex(raw), code: 'Malformed', message: 'no' })) };
    },
    onCommit: (listener) => (commits.add(listener), () => commits.delete(listener)),
    report: (error) => reported.push(error),
  };
  server = await listen(apiListener(context), { host: '127.0.0.1', port: 0, flag: '--api-port' });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await closeServer(server);
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const get = async (url: string, init?: RequestInit) => {
  const response = await fetch(base + url, init);
  return { status: response.status, body: (await response.json()) as Record<string, never> & { error?: { code: string; message: string; field?: string } }, response };
};
const post = (body: string, type = 'application/json') => get('/v1/transactions', { method: 'POST', body, headers: { 'content-type': type } });
const id = sha256Hex('1/1');

describe('answers', () => {
  it.each([
    ['/v1/status', { height: 1 }],
    ['/v1/genesis', { chainId: 'test-chain' }],
    ['/v1/blocks/1', { header: { height: 1 } }],
    ['/v1/blocks/latest', { header: { height: 1 } }],
    [`/v1/transactions/${id}`, { height: 1, index: 1, result: { transactionId: id, outcome: 'applied', code: 'Applied' } }],
    ['/v1/log/frontier?size=2', { size: 2, frontier: [toHex(testRoot(2))] }],
    ['/v1/log/proof?index=0&size=2', { leafIndex: 0, treeSize: 2 }],
    ['/v1/log/consistency?from=1&to=2', { from: 1, to: 2 }],
    ['/healthz', { ok: true }],
    ['/readyz', { ok: true, height: 1 }],
    ['/openapi.json', { openapi: '3.1.0', info: { version: '1.2.3' } }],
  ])('GET %s', async (url, expected) => {
    expect(await get(url)).toMatchObject({ status: 200, body: expected });
  });

  it('state with proofs that verify under the header, for presence, absence and lists', async () => {
    for (const key of ['node/3', 'node/none']) {
      const { body } = await get(`/v1/state?key=${key}`);
      const { value, proof, header } = body as unknown as { value: string | null; proof: never; header: { stateRoot: string } };
      expect(value).toBe(key === 'node/3' ? '{"n":3}' : null);
      expect(verifyStateProof(header.stateRoot, key, value ?? undefined, proof)).toBe(true);
    }
    const page = (await get('/v1/state-list?prefix=node/&limit=2&after=node/1')).body as unknown as { entries: { key: string; value: string; proof: never }[]; more: boolean };
    expect(page.entries.map(({ key }) => key)).toEqual(['node/2', 'node/3']);
    expect(page.more).toBe(true);
    expect(page.entries.every(({ key, value, proof }) => verifyStateProof(tree.rootHex, key, value, proof))).toBe(true);
  });

  it('receipts by object and by kind', async () => {
    for (const query of ['kind=Pod&namespace=shop&name=pod-1', 'kind=Pod&name=pod-1', 'kind=Pod&limit=1']) {
      const { receipts } = (await get(`/v1/receipts?${query}`)).body as unknown as { receipts: { inclusion: { leafIndex: number } }[] };
      expect(receipts.map(({ inclusion }) => inclusion.leafIndex)).toEqual([1]);
    }
    expect((await get('/v1/receipts?kind=Pod&namespace=shop&name=none')).body).toEqual({ receipts: [] });
  });

  it('the whole history of a scope', async () => {
    const statements = store.block(1)!.statements.filter((text) => text.includes('"name":"pod-1"'));
    const record = statements.reduce((history, text) => extendHistory(history, leafHash(utf8(text))), EMPTY_HISTORY);
    const range = { scope: 'object/Pod/shop/pod-1', from: 1, to: 1 };
    const { body } = await get(`/v1/history?scope=${range.scope}&from=1&to=1`);
    expect(verifyHistory(body as unknown as HistoryAnswer, range, record)).toMatchObject({ ok: true, statements: [{ predicate: { object: { name: 'pod-1' } } }] });
    expect((await get('/v1/history?scope=namespace/none&from=1&to=1')).body).toMatchObject({ before: EMPTY_HISTORY, statements: [], later: [], value: null });
  });

  it('the receipt log as tiles, entry bundles and a cosigned checkpoint', async () => {
    const bytes = async (url: string) => {
      const response = await fetch(base + url);
      return { status: response.status, type: response.headers.get('content-type'), body: Buffer.from(await response.arrayBuffer()) };
    };
    expect(await bytes('/v1/log/checkpoint')).toMatchObject({ status: 503 });
    const tile = await bytes('/v1/log/tile/0/000.p/2');
    expect(tile).toMatchObject({ status: 200, type: 'application/octet-stream' });
    expect(toHex(merkleRoot([tile.body.subarray(0, 32), tile.body.subarray(32)]))).toBe(store.header(1)!.header.logRoot);
    const entries = decodeEntryBundle((await bytes('/v1/log/tile/entries/000.p/2')).body)!;
    expect(entries.map((entry) => toHex(leafHash(entry)))).toEqual([toHex(tile.body.subarray(0, 32)), toHex(tile.body.subarray(32))]);
    for (const absent of ['0/000', '0/000.p/3', '1/000.p/1', 'entries/001.p/1']) expect((await bytes(`/v1/log/tile/${absent}`)).status).toBe(404);
    for (const wrong of ['64/000', 'x/000', '0/0', '0/000.p/0', '0/000.p/999', '0/x001', '0/../000']) expect((await bytes(`/v1/log/tile/${wrong}`)).status).toBeGreaterThanOrEqual(400);
  });

  it('documents every route it serves', async () => {
    const { paths } = (await get('/openapi.json')).body as unknown as { paths: Record<string, object> };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v1/status', '/v1/blocks/{height}', '/v1/transactions', '/v1/events', '/v1/objects/{hash}']));
  });
});

describe('refuses', () => {
  it.each([
    ['/v1/blocks/9', 404, 'NotFound', 'height'],
    ['/v1/blocks/0', 400, 'BadRequest', 'height'],
    ['/v1/blocks/abc', 400, 'BadRequest', 'height'],
    ['/v1/blocks/99999999999999999', 400, 'BadRequest', 'height'],
    ['/v1/headers', 400, 'BadRequest', 'from'],
    ['/v1/headers?from=0&limit=501', 400, 'BadRequest', 'limit'],
    ['/v1/headers?from=0&from=1', 400, 'BadRequest', 'from'],
    ['/v1/headers?from=0&lmit=1', 400, 'BadRequest', 'lmit'],
    ['/v1/state', 400, 'BadRequest', 'key'],
    [`/v1/state?key=${'x'.repeat(2000)}`, 400, 'BadRequest', 'key'],
    ['/v1/log/proof?index=2&size=2', 400, 'BadRequest', 'index'],
    ['/v1/log/frontier?size=3', 400, 'BadRequest', 'size'],
    [`/v1/transactions/${'a'.repeat(63)}`, 400, 'BadRequest', 'id'],
    [`/v1/receipts/${'a'.repeat(64)}`, 404, 'NotFound', 'id'],
    [`/v1/objects/${'a'.repeat(64)}`, 404, 'NotFound', 'hash'],
    ['/v1/nothing', 404, 'NotFound', undefined],
    ['/v1/blocks/%ff', 400, 'BadRequest', undefined],
    ['/v1/history?scope=shop&from=1&to=1', 400, 'BadRequest', 'scope'],
    ['/v1/history?scope=namespace/shop&from=1', 400, 'BadRequest', 'to'],
    ['/v1/history?scope=namespace/shop&from=1&to=0', 400, 'BadRequest', 'from'],
    ['/v1/history?scope=namespace/shop&from=1&to=99', 503, 'NotYet', undefined],
  ])('GET %s with %i', async (url, status, code, field) => {
    const { status: got, body } = await get(url);
    expect({ got, code: body.error?.code, field: body.error?.field }).toEqual({ got: status, code, field });
  });

  it.each([
    ['JSON cut short', '{"transactions": [', 400, 'BadJson'],
    ['no JSON object', '"text"', 400, 'BadJson'],
    ['another content type', '{"transactions":["x"]}', 400, 'BadRequest', 'text/plain'],
    ['no transactions', '{}', 400, 'BadRequest'],
    ['an empty list', '{"transactions":[]}', 400, 'BadRequest'],
    ['what is no string', '{"transactions":["x", 7]}', 400, 'BadRequest'],
    ['too many', JSON.stringify({ transactions: Array(501).fill('x') }), 400, 'BadRequest'],
    ['4 MiB and more', JSON.stringify({ transactions: ['x'.repeat(4 * 1024 * 1024)] }), 413, 'TooLarge'],
    ['what makes the server fail', '{"transactions":["crash"]}', 500, 'Internal'],
  ])('POST of %s', async (_, body, status, code, type = 'application/json') => {
    expect(await post(body, type)).toMatchObject({ status, body: { error: { code } } });
  });

  it('other methods, and says which are possible', async () => {
    const { status, body, response } = await get('/v1/status', { method: 'DELETE' });
    expect([status, body.error?.code, response.headers.get('allow')]).toEqual([405, 'MethodNotAllowed', 'GET']);
  });

  it('says where JSON is wrong, and keeps its own faults to its log', async () => {
    expect((await post('{"transactions": oops}')).body.error?.message).toMatch(/position 17|JSON/);
    const before = reported.length;
    expect((await post('{"transactions":["crash"]}')).body.error?.message).not.toContain('a bug');
    expect(reported.length).toBe(before + 1);
  });

  it('bytes that are no HTTP, and goes on', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk))).on('close', () => resolve(text));
      socket.write('\x16\x03\x01 nonsense\r\n\r\n');
    });
    expect(answer).toMatch(/^HTTP\/1.1 400/);
    expect((await get('/healthz')).status).toBe(200);
  });
});

describe('GET /v1/events', () => {
  async function events(url: string, headers: Record<string, string>, count: number): Promise<number[]> {
    const stop = new AbortController();
    const response = await fetch(base + url, { headers, signal: stop.signal });
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if ((text.match(/^data: .*\n\n/gm) ?? []).length >= count) break;
      if (text.startsWith(': blocks\n\n') && commits.size > 0 && store.height < count) await commit(store.height + 1);
    }
    stop.abort();
    return [...text.matchAll(/^event: block\nid: (\d+)\ndata: (.*)\n\n/gm)].map(([, height, data]) => {
      expect((JSON.parse(data!) as { header: { height: number } }).header.height).toBe(Number(height));
      return Number(height);
    });
  }

  it('gives past blocks and then new ones, in order, and resumes after Last-Event-ID', async () => {
    expect(await events('/v1/events?from=1', {}, 3)).toEqual([1, 2, 3]);
    expect(await events('/v1/events', { 'last-event-id': '1' }, 2)).toEqual([2, 3]);
    await expect.poll(() => commits.size).toBe(0);
  });

  it('refuses a Last-Event-ID that is no height', async () => {
    expect(await get('/v1/events', { headers: { 'last-event-id': '-1' } })).toMatchObject({ status: 400, body: { error: { field: 'Last-Event-ID' } } });
  });
});

function testRoot(size: number): Uint8Array {
  const frontier = MerkleFrontier.empty();
  testBlock(1, size, frontier);
  return frontier.root();
}
