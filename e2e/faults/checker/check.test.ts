// The checker finds what it is there to find: data that the project's own writers made, whole and then damaged in one way at a time.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../../crypto/encoding.js';
import { canonicalJson, sha256OfJson } from '../../../crypto/canonicalJson.js';
import { headerHash } from '../../../receipts/headerHash.js';
import { MerkleFrontier } from '../../../receipts/merkle/merkleFrontier.js';
import { leafHashOfText, merkleRoot } from '../../../receipts/merkle/treeHash.js';
import { encodeLog } from '../../../chain/node/storage/logFrames.js';
import { testCertificate, testHeader, testValidators } from '../../../receipts/testing/testValidators.js';
import type { BlockHeader } from '../../../receipts/types.js';
import { check, type Genesis } from './check.js';
import type { Claims } from './claims.js';

const CHAIN = 'checked';
const BLOCKS = 4;
const validators = testValidators(4);
const { set } = validators;
const genesis: Genesis = { chainId: CHAIN, validatorSet: set };
let directory: string;
let homes: string[];

const body = (height: number) => ({ chainId: CHAIN, operationId: `op-${height}`, payload: { podUid: `uid-${height}` }, type: 'placement.request' });
const idAt = (height: number) => sha256OfJson(body(height));
const uid = (height: number) => `uid-${height}`;

function statementsOf(height: number): string[] {
  const object = { kind: 'Pod', name: `pod-${height}`, namespace: 'shop', uid: uid(height) };
  const predicate = (rest: object) => canonicalJson({ predicate: { blockHeight: height, object, ...rest } });
  return [
    predicate({ receiptId: idAt(height), operationType: 'placement.request', outcome: 'applied', code: 'Placed', details: { node: 'eu-1' } }),
    predicate({ receiptId: `${idAt(height)}-verdict`, operationType: 'admission.verdict', outcome: 'allowed', code: 'Admitted' }),
  ];
}

interface Damage {
  header?: (header: BlockHeader) => BlockHeader;
  signers?: number[];
  votes?: object[];
}

async function write(home: string, { header: change = (header) => header, signers = [0, 1, 2], votes = [] }: Damage = {}): Promise<void> {
  mkdirSync(path.join(home, 'data', 'blocks'), { recursive: true });
  const root = open({ path: path.join(home, 'data', 'blocks'), maxDbs: 12 });
  const table = (name: string, encoding: 'json' | 'binary') => root.openDB<unknown, number | string>({ name, encoding });
  const [headers, transactions, entries, meta] = [table('headers', 'json'), table('transactions', 'json'), table('entries', 'binary'), table('meta', 'json')];
  const log = MerkleFrontier.empty();
  let last = testHeader(set, { chainId: CHAIN, height: 0 });
  await headers.put(0, { header: last, certificate: null });
  for (let height = 1; height <= BLOCKS; height++) {
    const raw = [canonicalJson({ body: body(height), signature: '00' })];
    for (const statement of statementsOf(height)) {
      await entries.put(log.size, Buffer.from(statement));
      log.append(leafHashOfText(statement));
    }
    const roots = { transactionsRoot: toHex(merkleRoot(raw.map(leafHashOfText))), logSize: log.size, logRoot: toHex(log.root()) };
    const header = change({ ...last, height, timestamp: height, previousHash: headerHash(last), ...roots });
    await headers.put(height, { header, certificate: testCertificate(validators, header, signers) });
    await transactions.put(height, raw);
    last = header;
  }
  await meta.put('head', BLOCKS);
  await root.close();
  writeFileSync(path.join(home, 'data', 'votes.log'), encodeLog(votes.map((payload, count) => Buffer.from(JSON.stringify({ count, record: { vote: { payload } } })))));
}

const claims: Claims = {
  transactions: [idAt(1), idAt(BLOCKS)],
  admitted: [{ uid: uid(2), name: 'pod-2' }],
  bound: [{ uid: uid(3), name: 'pod-3', node: 'eu-1' }],
};
const failing = async (promised = claims) => (await check(homes, genesis, promised, [])).findings.filter(({ holds }) => !holds).map(({ what, detail }) => `${what}: ${detail}`);

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'enc-checker-'));
  homes = [0, 1].map((index) => path.join(directory, `validator-${index}`));
  for (const home of homes) await write(home);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the checker', () => {
  it('finds nothing in whole data', async () => expect(await failing()).toEqual([]));

  it.each<[string, Claims, RegExp]>([
    ['an acknowledged receipt that no block has', { ...claims, transactions: ['f'.repeat(64)] }, /^nothing acknowledged is lost: .*lost: receipt ffff/],
    ['a pod whose verdict no block has', { ...claims, admitted: [{ uid: 'other', name: 'gone' }] }, /lost: verdict of pod gone/],
    ['a pod bound elsewhere than was decided', { ...claims, bound: [{ uid: uid(3), name: 'pod-3', node: 'us-1' }] }, /^no pod is bound without a certified placement: pod-3 on us-1/],
  ])('finds %s', async (_, promised, message) => expect(await failing(promised)).toEqual([expect.stringMatching(message)]));

  it.each<[string, Damage, RegExp]>([
    ['two blocks at a height', { header: (header) => (header.height === 3 ? { ...header, timestamp: 77 } : header) }, /^one block at each height.*: height 3 has 2 blocks/],
    ['a certificate of too few', { signers: [0, 1] }, /^every certificate.*: height 1: 2 signers, 3 are needed/],
    ['a chain that does not follow', { header: (header) => (header.height === 4 ? { ...header, previousHash: 'e'.repeat(64) } : header) }, /^validator 1.*: height 4: follows the block before/],
    ['a log root that its receipts do not lead to', { header: (header) => (header.height === 2 ? { ...header, logRoot: 'e'.repeat(64) } : header) }, /^validator 1.*: height 2: its receipts lead to the log root/],
    ['a vote that contradicts another', { votes: [{ type: 'prepare', height: 9, round: 0, digest: 'a' }, { type: 'prepare', height: 9, round: 0, digest: 'b' }] }, /^no vote contradicts.*: validator 1: prepare at 9\/0/],
  ])('finds %s', async (_, damage, message) => {
    homes[1] = path.join(directory, 'damaged');
    await write(homes[1], damage);
    expect(await failing()).toContainEqual(expect.stringMatching(message));
  });

  it('finds a signature that is not that of its signers', async () => {
    const root = open({ path: path.join(homes[1]!, 'data', 'blocks'), maxDbs: 12 });
    const headers = root.openDB<{ header: BlockHeader; certificate: { signers: string } }, number>({ name: 'headers', encoding: 'json' });
    const stored = headers.get(2)!;
    await headers.put(2, { ...stored, certificate: { ...stored.certificate, signers: '0b' } });
    await root.close();
    expect(await failing()).toEqual([expect.stringMatching(/^every certificate.*does not fit/)]);
  });
});
