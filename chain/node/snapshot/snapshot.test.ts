// A state handed over in parts is exactly the one that a quorum certified, whoever lies about it and whenever the taker is killed; the chain goes on from it.
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SparseMerkleTree } from '../../../crypto/sparseMerkleTree.js';
import { transactionId } from '../../ledger/transaction.js';
import type { SignedTransaction } from '../../types.js';
import { setSteps } from '../api/validatorRoutes.js';
import { ChainState } from '../chainState.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { testCertificate, testChain, testReport } from '../testing/testChain.js';
import { fetchSnapshot, type FetchOptions, type SnapshotSource } from './fetchSnapshot.js';
import { IncomingSnapshot } from './incomingSnapshot.js';
import { adoptInstalled, installSnapshot } from './installSnapshot.js';
import { SnapshotMaker } from './makeSnapshot.js';
import { verifyManifest, type SnapshotManifest, type StateRecord } from './manifest.js';
import { SnapshotFiles } from './snapshotFiles.js';

const network = testChain(4);
const HEIGHT = 3;
const sent = Array.from({ length: HEIGHT }, (_, i) => Array.from({ length: 100 }, (_, j) => testReport(network, `w${i}-${j}`)));

async function extend(chain: ChainState, transactions: string[]): Promise<void> {
  const executed = chain.build(transactions, chain.header.timestamp + 5, 1);
  await chain.commit(executed, testCertificate(network, chain.height + 1, executed.digest));
}

/** Snapshot at HEIGHT, of `depth`, made by the program's own means with depth 0 and cut anew. */
async function source(): Promise<{ chain: ChainState; manifest: SnapshotManifest; parts: StateRecord[][] }> {
  const chain = await ChainState.open(temporaryDirectory(), network.genesis);
  for (const transactions of sent) await extend(chain, transactions);
  const files = new SnapshotFiles(path.join(temporaryDirectory(), 'snapshots'));
  const maker = new SnapshotMaker(files, HEIGHT, {
    made: () => undefined,
    failed: (error) => {
      throw error;
    },
  });
  maker.committed(chain.height, () => ({ store: chain.store, head: chain.snapshot, steps: setSteps({ store: chain.store, sets: () => chain.sets }) }));
  // The chain goes on meanwhile; the snapshot does not.
  await extend(chain, [testReport(network, 'later')]);
  await maker.settled();
  const made = (await files.latest())!;
  const all = JSON.parse((await files.part(HEIGHT, made.depth, 0))!) as StateRecord[];
  const tree = SparseMerkleTree.fromEntries(all);
  const depth = 3;
  const parts = Array.from({ length: 2 ** depth }, (_, index) => all.filter(([key]) => isIn(key, depth, index)));
  return { chain, parts, manifest: { ...made, depth, parts: parts.map((_, index) => tree.part(depth, index)) } };
}
const isIn = (key: string, depth: number, index: number): boolean => SparseMerkleTree.fromEntries([[key, '']]).part(depth, index) !== null;

interface Peer extends SnapshotSource {
  asked: number[];
}
function peer(name: string, manifest: unknown, part: (index: number) => unknown): Peer {
  const asked: number[] = [];
  return {
    name,
    asked,
    manifest: () => Promise.resolve(structuredClone(manifest)),
    part: (_height, _depth, index) => {
      asked.push(index);
      return new Promise((resolve) => setImmediate(() => resolve(structuredClone(part(index)))));
    },
  };
}
const silent: SnapshotSource = { name: 'silent', manifest: () => Promise.reject(new Error('late')), part: () => Promise.reject(new Error('late')) };

function fetching(sources: SnapshotSource[], directory = path.join(temporaryDirectory(), 'incoming')) {
  const refused: string[] = [];
  const stop = new AbortController();
  const options: FetchOptions = { genesis: network.genesis, directory, above: 0, sources, refused: ({ name }, reason) => refused.push(`${name}: ${reason}`), stopped: stop.signal };
  return { options, refused, stop };
}

describe('a snapshot', () => {
  it('of several peers, some of which lie or are silent, becomes a chain that goes on as theirs and knows what it has executed', async () => {
    const { chain, manifest, parts } = await source();
    const honest = ['a', 'b'].map((name) => peer(name, manifest, (index) => parts[index]));
    const liar = peer('liar', manifest, (index) => parts[index]!.slice(1));
    const forger = peer('forger', { ...manifest, parts: [...manifest.parts].reverse() }, () => []);
    const { options, refused } = fetching([liar, silent, ...honest, forger]);
    const incoming = (await fetchSnapshot(options))!;
    expect(incoming.missing.size).toBe(0);
    expect(refused.map((line) => line.split(':')[0]).sort()).toEqual(['forger', 'liar']);
    expect([liar.asked.length, forger.asked.length]).toEqual([1, 0]);
    expect(honest.every(({ asked }) => asked.length > 0)).toBe(true);

    const blocks = path.join(temporaryDirectory(), 'blocks');
    await installSnapshot(blocks, network.genesis, incoming, 5);
    expect(await adoptInstalled(blocks, options.directory)).toBe(true);
    const taken = await ChainState.open(blocks, network.genesis);
    expect([taken.height, taken.header, taken.store.votes]).toEqual([HEIGHT, chain.store.header(HEIGHT)!.header, 5]);
    expect(taken.snapshot.tree.rootHex).toBe(manifest.header.stateRoot);
    expect(sent.flat().every((raw) => taken.isKnown(idOf(raw)))).toBe(true);
    expect(taken.isKnown(idOf(testReport(network, 'new')))).toBe(false);
    expect(() => taken.build([sent[0]![0]!], taken.header.timestamp + 5, 1)).toThrow(/AlreadyExecuted|already|was executed/i);

    const { header, certificate, transactions } = chain.store.block(HEIGHT + 1)!;
    await taken.commit(taken.checkFinal({ header, certificate, transactions }), certificate);
    expect(taken.header).toEqual(chain.header);
    const last = header.logSize - 1;
    expect(taken.store.log.inclusionProof(last)).toEqual(chain.store.log.inclusionProof(last));
    await taken.store.close();
    await chain.store.close();
  });

  it('is taken up where it was left, without asking again for what is there', async () => {
    const { chain, manifest, parts } = await source();
    const first = fetching([]);
    let given = 0;
    const mortal = peer('mortal', manifest, (index) => {
      if (++given === 3) first.stop.abort();
      return parts[index];
    });
    expect(await fetchSnapshot({ ...first.options, sources: [mortal] })).toBeUndefined();
    const done = mortal.asked;
    const second = peer('second', manifest, (index) => parts[index]);
    const again = await fetchSnapshot({ ...fetching([second], first.options.directory).options });
    expect(again?.missing.size).toBe(0);
    expect(second.asked.filter((index) => done.includes(index))).toEqual([]);
    await chain.store.close();
  });

  it('that nobody has any more is left for a newer one', async () => {
    const { chain, manifest, parts } = await source();
    const gone = peer('gone', { ...manifest }, () => undefined);
    const { options } = fetching([gone]);
    await (await IncomingSnapshot.begin(options.directory, manifest)).take(0, parts[0]);
    expect(await fetchSnapshot(options)).toBeUndefined();
    expect(await IncomingSnapshot.resume(options.directory, network.genesis)).toBeUndefined();
    await chain.store.close();
  });

  it('that was damaged on the disk is not installed, and only the damaged part is fetched again', async () => {
    const { chain, manifest, parts } = await source();
    const whole = peer('whole', manifest, (index) => parts[index]);
    const { options } = fetching([whole]);
    const incoming = (await fetchSnapshot(options))!;
    const file = readdirSync(options.directory).find((name) => /^\d+$/.test(name))!;
    writeFileSync(path.join(options.directory, file), '[["x","y"]]');
    const blocks = path.join(temporaryDirectory(), 'blocks');
    await expect(installSnapshot(blocks, network.genesis, incoming, 0)).rejects.toMatchObject({ code: 'BadSnapshot' });
    expect(await adoptInstalled(blocks, options.directory)).toBe(false);
    whole.asked.length = 0;
    expect(await fetchSnapshot(options)).toBeDefined();
    expect(whole.asked).toEqual([Number(file)]);
    await chain.store.close();
  });

  it.each<[string, (manifest: SnapshotManifest) => unknown, RegExp]>([
    ['without a quorum', (m) => ({ ...m, certificate: testCertificate(network, HEIGHT, m.certificate.blockHash, [0, 1]) }), /2 of 4 validators signed/],
    ['of another header', (m) => ({ ...m, header: { ...m.header, stateRoot: 'ab'.repeat(32) } }), /certificate is for block/],
    ['with another cut', (m) => ({ ...m, depth: 2 }), /fold to no root/],
    ['with a part changed', (m) => ({ ...m, parts: m.parts.with(0, { digest: 'ab'.repeat(32) }) }), /its parts fold to/],
    ['without the edge of the log', (m) => ({ ...m, edge: [] }), /0 tiles of the log's edge/],
    ['with another edge of the log', (m) => ({ ...m, edge: m.edge.map((tile) => ({ ...tile, hashes: 'ab'.repeat(tile.hashes.length / 2) })) }), /not that of block 3/],
    ['with a short edge of the log', (m) => ({ ...m, edge: m.edge.map((tile) => ({ ...tile, hashes: tile.hashes + tile.hashes })) }), /has not \d+ hashes/],
    ['with more than belongs to it', (m) => ({ ...m, more: 1 }), /no such member/],
    ['that is nothing', () => null, /expected an object/],
  ])('%s is refused', async (_, change, message) => {
    const { chain, manifest } = await source();
    expect(() => verifyManifest(network.genesis, change(manifest))).toThrow(expect.objectContaining({ code: 'BadSnapshot', message: expect.stringMatching(message) }));
    await chain.store.close();
  });

  it.each<[string, (records: StateRecord[], all: StateRecord[][]) => unknown, RegExp]>([
    ['a record less', (records) => records.slice(1), /is not the state/],
    ['a value changed', (records) => records.map(([key, value]) => [key, `${value} `]), /is not the state/],
    ['a record of another part', (records, all) => [...records, all[1]![0]], /belongs elsewhere/],
    ['a record twice', (records) => [...records, records[0]], /twice/],
    ['no records', () => 'x', /expected an array/],
  ])('part with %s is refused, and nothing of it is kept', async (_, change, message) => {
    const { chain, manifest, parts } = await source();
    const directory = path.join(temporaryDirectory(), 'incoming');
    const incoming = await IncomingSnapshot.begin(directory, manifest);
    await expect(incoming.take(0, change(parts[0]!, parts))).rejects.toMatchObject({ code: 'BadSnapshot', message: expect.stringMatching(message) });
    expect(readdirSync(directory)).toEqual(['manifest.json']);
    await chain.store.close();
  });
});

const idOf = (raw: string): string => transactionId((JSON.parse(raw) as SignedTransaction).body);
