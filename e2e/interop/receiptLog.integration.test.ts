// The receipt log as others read it: a Go program with golang.org/x/mod/sumdb and go-securesystemslib checks checkpoint, tiles, proofs and envelope.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiContext } from '../../chain/node/api/context.js';
import { apiListener, closeServer, listen } from '../../chain/node/api/server.js';
import { Cosigner } from '../../chain/node/cosigner.js';
import { BlockStore } from '../../chain/node/storage/blockStore.js';
import { testBlock, testHeader } from '../../chain/node/testing/testBlocks.js';
import { testSet } from '../../chain/node/testing/testSet.js';
import { SparseMerkleTree } from '../../crypto/sparseMerkleTree.js';
import { utf8 } from '../../crypto/encoding.js';
import { keyIdOf, signEnvelope } from '../../receipts/dsse.js';
import { logOrigin } from '../../receipts/log/checkpoint.js';
import { NOTE_SIGNATURE, verifierKey } from '../../receipts/log/signedNote.js';
import { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import { PAYLOAD_TYPE } from '../../receipts/types.js';
import type { Genesis } from '../../chain/types.js';
import { checkout } from '../cluster/checkout.js';
import { goEnvironment } from '../cluster/config.js';

const { chainId, set, keys } = testSet(4);
const key = keys[0]!.ed25519;
const BLOCKS = 9;
const PER_BLOCK = 61;
let directory: string;
let store: BlockStore;
let server: Server;
let reader: string;
let input: Record<string, unknown>;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'enc-interop-'));
  reader = path.join(directory, 'reader');
  const built = spawnSync('go', ['build', '-buildvcs=false', '-o', reader, '.'], { cwd: path.join(checkout, 'e2e/interop/reader'), env: goEnvironment(), encoding: 'utf8' });
  expect(built.status, built.stderr).toBe(0);
  const log = MerkleFrontier.empty();
  const tree = SparseMerkleTree.fromEntries([]);
  store = await BlockStore.open(mkdtempSync(path.join(directory, 'blocks-')), { chainId, genesisHash: 'g', header: testHeader(0, log, tree.rootHex), state: [] });
  for (let height = 1; height <= BLOCKS; height++) await store.commit({ block: testBlock(height, PER_BLOCK, log), state: [] });
  const head = { ...store.header(BLOCKS)!.header, timestamp: 9_000 };
  const cosigners = keys.map(({ ed25519 }) => new Cosigner({ chainId, ed25519 }, 0));
  for (const line of cosigners.map((member) => member.committed(head, set)!)) cosigners[0]!.received(line);
  const context = { genesis: { chainId } as Genesis, store, checkpoint: () => cosigners[0]!.note } as unknown as ApiContext;
  server = await listen(apiListener(context), { host: '127.0.0.1', port: 0, flag: '--api-port' });
  const old = store.header(4)!.header;
  const { statements } = store.block(6)!;
  input = {
    prefix: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/log`,
    verifier: verifierKey({ name: logOrigin(chainId), publicKey: key.publicKey, type: NOTE_SIGNATURE }),
    oldSize: old.logSize,
    oldRoot: old.logRoot,
    leaf: 5 * PER_BLOCK + 7,
    statement: statements[7],
    envelope: signEnvelope(PAYLOAD_TYPE, utf8(statements[7]!), key),
    publicKey: key.publicKey,
    keyid: keyIdOf(key.publicKey),
  };
});
afterAll(async () => {
  await closeServer(server);
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

function read(changes: object = {}): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(reader, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text) => (output += String(text)));
    child.stderr.on('data', (text) => (output += String(text)));
    child.once('close', (code) => resolve({ code, output: output.trim() }));
    child.stdin.end(JSON.stringify({ ...input, ...changes }));
  });
}

describe('other people\'s tools', () => {
  it('verify the checkpoint, a receipt in the log, the log as an extension, and the envelope', async () => {
    expect(await read()).toEqual({ code: 0, output: `log of ${BLOCKS * PER_BLOCK} entries: inclusion, consistency and envelope verified` });
  });

  it.each<[string, () => object, RegExp]>([
    ['a statement that is not in the log', () => ({ statement: `${String(input.statement)} ` }), /^inclusion/],
    ['another place in the log', () => ({ leaf: 8 }), /^inclusion/],
    ['a head that the log does not extend', () => ({ oldRoot: 'ab'.repeat(32) }), /^consistency/],
    ['another signer of the log', () => ({ verifier: verifierKey({ name: logOrigin(chainId), publicKey: keys[1]!.ed25519.publicKey, type: NOTE_SIGNATURE }) }), /^checkpoint/],
    ['another signer of the envelope', () => ({ publicKey: keys[1]!.ed25519.publicKey }), /^envelope/],
  ])('refuse %s', async (_, changes, message) => {
    expect(await read(changes())).toEqual({ code: 1, output: expect.stringMatching(message) as string });
  });
});
