// The mesh over real sockets: everybody finds everybody, strangers and garbage are refused, a lost validator is found again.
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createNoise } from '../../../crypto/noiseXX.js';
import { generateX25519 } from '../../../crypto/x25519.js';
import { fromUtf8, utf8 } from '../../../crypto/encoding.js';
import { freePorts } from '../testing/freePorts.js';
import { testSet, type TestSet } from '../testing/testSet.js';
import type { ValidatorKeys } from '../validatorKeys.js';
import { certifyLink, encodeLinkCertificate, linkPrologue } from './linkCertificate.js';
import type { LinkTimings } from './link.js';
import type { ValidatorSet } from '../../../receipts/types.js';
import { FAREWELL_BLOCKS, Roster } from '../roster.js';
import { PeerMesh, type MeshOptions, type PeerAddress } from './peerMesh.js';
import { frameRecord, RecordReader } from './recordReader.js';

interface Running {
  mesh: PeerMesh;
  heard: string[];
  refusals: string[];
  elsewhere: number[];
  options: MeshOptions;
}

async function start(options: MeshOptions): Promise<Running> {
  const heard: string[] = [];
  const refusals: string[] = [];
  const elsewhere: number[] = [];
  const mesh = new PeerMesh(options, {
    connected: () => undefined,
    disconnected: () => undefined,
    message: (index, channel, message) => heard.push(`${index} ${channel} ${message.length > 50 ? message.length : fromUtf8(message)}`),
    keyUsedElsewhere: (index) => elsewhere.push(index),
    refused: (_, reason) => refusals.push((reason as { code?: string }).code ?? reason.message),
  });
  await mesh.start();
  onTestFinished(() => mesh.stop().catch(() => undefined));
  return { mesh, heard, refusals, elsewhere, options };
}

function rosterOf({ keys, set }: TestSet, self: number, addresses: PeerAddress[]): Roster {
  const roster = new Roster(keys[self]!.ed25519.publicKey, addresses);
  roster.update([recordOf(set, 0)], 1);
  return roster;
}
const recordOf = (set: ValidatorSet, since: number, endpoints: Record<string, string> = {}) => ({ since, hash: '', set, endpoints, changedBy: null });
function optionsOf(test: TestSet, self: number, addresses: PeerAddress[], timings: Partial<LinkTimings> = {}): MeshOptions {
  return { chainId: test.chainId, keys: test.keys[self]!, listen: addresses[self]!, members: rosterOf(test, self, addresses).members, timings };
}

async function network(size: number, timings: Partial<LinkTimings> = {}): Promise<{ test: TestSet; nodes: Running[] }> {
  const test = testSet(size);
  const addresses = (await freePorts(size)).map((port) => ({ host: '127.0.0.1', port }));
  const nodes: Running[] = [];
  for (let index = 0; index < size; index++) {
    nodes.push(await start(optionsOf(test, index, addresses, timings)));
  }
  await vi.waitFor(() => expect(nodes.every(({ mesh }) => mesh.states().every(({ connected }) => connected))).toBe(true), 5_000);
  return { test, nodes };
}

const portOf = (node: Running) => node.options.listen.port;
const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()).on('error', () => undefined).resume());

/** Shakes hands as an initiator that may hold any key, and is silent from then on; resolves when the other end closes. */
async function intrude(port: number, chainId: string, keys: ValidatorKeys, certifiedFor?: string): Promise<void> {
  const staticKey = generateX25519();
  const noise = createNoise({ initiator: true, staticKey: staticKey.privateKey, prologue: linkPrologue(chainId) });
  const certificate = encodeLinkCertificate(certifyLink(chainId, keys, certifiedFor ?? staticKey.publicKey, Date.now()));
  const socket = connect(port, '127.0.0.1');
  const reader = new RecordReader();
  socket.write(frameRecord(noise.writeMessage(new Uint8Array(0))));
  socket.on('data', (chunk) => {
    try {
      for (const record of reader.push(chunk)) {
        if (noise.done) return;
        noise.readMessage(record);
        socket.write(frameRecord(noise.writeMessage(certificate)));
      }
    } catch {
      socket.destroy();
    }
  });
  await closed(socket);
}

const twoAddresses = async (): Promise<[PeerAddress[], number]> => {
  const addresses = (await freePorts(2)).map((port) => ({ host: '127.0.0.1', port }));
  return [addresses, addresses[1]!.port];
};

describe('PeerMesh', () => {
  it('connects everybody, sends to one and to all, whatever the size', async () => {
    const { nodes } = await network(4);
    nodes[0]!.mesh.broadcast('votes', utf8('hello'));
    nodes[3]!.mesh.send(1, 'blocks', new Uint8Array(3_000_000));
    await vi.waitFor(() => {
      expect(nodes[1]!.heard.toSorted()).toEqual(['0 votes hello', '3 blocks 3000000']);
      expect(nodes[2]!.heard).toEqual(['0 votes hello']);
    }, 5_000);
  });

  it('tells who is gone, and finds it again when it is back', async () => {
    const { nodes } = await network(3);
    const [, gone] = nodes;
    await gone!.mesh.stop();
    await vi.waitFor(() => expect(nodes[0]!.mesh.states().find(({ index }) => index === 1)).toMatchObject({ connected: false }), 5_000);
    expect(nodes[0]!.mesh.send(1, 'votes', utf8('x'))).toBe(false);
    const back = await start(gone!.options);
    await vi.waitFor(() => expect(back.mesh.states().every(({ connected }) => connected)).toBe(true), 5_000);
    nodes[2]!.mesh.send(1, 'votes', utf8('welcome'));
    await vi.waitFor(() => expect(back.heard).toEqual(['2 votes welcome']), 5_000);
  });

  it('refuses whoever is no validator, has another chain, or shows another one\'s certificate', async () => {
    const test = testSet(2);
    const [addresses, port] = await twoAddresses();
    const node = await start(optionsOf(test, 1, addresses));
    await intrude(port, test.chainId, testSet(3).keys[2]!);
    await intrude(port, test.chainId, test.keys[1]!);
    await intrude(port, 'other-chain', test.keys[0]!);
    await intrude(port, test.chainId, test.keys[0]!, generateX25519().publicKey);
    const forged = { ...test.keys[0]!, bls: test.keys[1]!.bls };
    await intrude(port, test.chainId, forged);
    await vi.waitFor(() => expect(node.refusals).toEqual(['NotAllowed', 'NotAllowed', 'Closed', 'BadCertificate', 'BadCertificate']));
    expect(node.mesh.states()).toMatchObject([{ index: 0, connected: false }]);
  });

  it('takes in who joins the set, at the address that the change names, and parts from who has long left', async () => {
    const all = testSet(4);
    const three = { ...all, set: { ...all.set, validators: all.set.validators.slice(0, 3) } };
    const addresses = (await freePorts(4)).map((port) => ({ host: '127.0.0.1', port }));
    const nodes = await Promise.all([0, 1, 2].map((i) => start(optionsOf(three, i, addresses.slice(0, 3)))));
    // The newcomer knows the genesis alone, and nobody knows it yet.
    const rosters = [0, 1, 2, 3].map((i) => rosterOf({ ...three, keys: all.keys }, i, addresses.slice(0, 3)));
    const newcomer = await start({ chainId: all.chainId, keys: all.keys[3]!, listen: addresses[3]!, members: rosters[3]!.members });
    await vi.waitFor(() => expect(nodes.every(({ refusals }) => refusals.includes('NotAllowed'))).toBe(true), 5_000);
    // An initiator has done its part of the handshake before the other end refuses it.
    await vi.waitFor(() => expect(newcomer.mesh.states().some(({ connected }) => connected)).toBe(false), 5_000);

    const endpoint = { [all.keys[3]!.ed25519.publicKey]: `127.0.0.1:${addresses[3]!.port}` };
    const follow = (sets: ReturnType<typeof recordOf>[], height: number) =>
      [...nodes, newcomer].forEach(({ mesh }, i) => {
        rosters[i]!.update(sets, height);
        mesh.update(rosters[i]!.members);
      });
    const grown = [recordOf(three.set, 0), recordOf(all.set, 7, endpoint)];
    follow(grown, 6);
    await vi.waitFor(() => expect([...nodes, newcomer].every(({ mesh }) => mesh.states().length === 3 && mesh.states().every(({ connected }) => connected))).toBe(true), 5_000);
    newcomer.mesh.send(0, 'votes', utf8('here'));
    await vi.waitFor(() => expect(nodes[0]!.heard).toEqual(['3 votes here']), 5_000);

    const shrunk = [...grown, recordOf({ ...all.set, validators: all.set.validators.slice(1) }, 20, endpoint)];
    follow(shrunk, 20);
    expect(nodes[1]!.mesh.states().find(({ index }) => index === 0)).toMatchObject({ connected: true });
    follow(shrunk, 20 + FAREWELL_BLOCKS);
    await vi.waitFor(() => expect(nodes[0]!.mesh.states().every(({ connected }) => !connected)).toBe(true), 5_000);
    await vi.waitFor(() => expect(newcomer.mesh.states().map(({ index, connected }) => [index, connected])).toEqual([[1, true], [2, true]]), 5_000);
  });

  it('closes on garbage at once and stays alive', async () => {
    const { nodes } = await network(2);
    for (const garbage of ['GET / HTTP/1.1\r\n\r\n', '\0', '\0\x20' + 'x'.repeat(32) + '\xff\xff'.repeat(40_000)]) {
      const socket = connect(portOf(nodes[1]!), '127.0.0.1');
      socket.end(Buffer.from(garbage, 'latin1'));
      await closed(socket);
    }
    nodes[0]!.mesh.broadcast('votes', utf8('still here'));
    await vi.waitFor(() => expect(nodes[1]!.heard).toEqual(['0 votes still here']));
    expect(nodes[1]!.refusals).toHaveLength(3);
  });

  it('changes keys again and again without losing a message', async () => {
    const { nodes } = await network(2, { pingEvery: 5, rekeyEvery: 8 });
    const expected: string[] = [];
    for (let i = 0; i < 60; i++) {
      nodes[0]!.mesh.send(1, i % 2 === 0 ? 'votes' : 'bulk', utf8(`m${i}`));
      nodes[1]!.mesh.send(0, 'votes', utf8(`n${i}`));
      expected.push(`0 ${i % 2 === 0 ? 'votes' : 'bulk'} m${i}`);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await vi.waitFor(() => expect([nodes[1]!.heard, nodes[0]!.heard.length]).toEqual([expected, 60]));
  });

  it('gives up a peer that answers no pings, and one that never finishes its handshake', async () => {
    const test = testSet(2);
    const addresses = (await freePorts(2)).map((port) => ({ host: '127.0.0.1', port }));
    const timings = { pingEvery: 20, deadAfter: 100, handshake: 100 };
    const node = await start(optionsOf(test, 1, addresses, timings));
    await closed(connect(portOf(node), '127.0.0.1'));
    expect(node.refusals).toEqual(['HandshakeTimeout']);
    const silence = intrude(portOf(node), test.chainId, test.keys[0]!);
    await vi.waitFor(() => expect(node.mesh.states()[0]).toMatchObject({ connected: true }));
    await silence;
    expect(node.mesh.states()[0]).toMatchObject({ connected: false, lastHeardAt: expect.any(Number) });
  });

  it('tells the earlier of two runs with one key that there is a later one, and never the later one', async () => {
    const test = testSet(4);
    const addresses = (await freePorts(4)).map((port) => ({ host: '127.0.0.1', port }));
    const witness = await start(optionsOf(test, 0, addresses));
    const earlier = await start(optionsOf(test, 1, addresses));
    await vi.waitFor(() => expect(witness.mesh.states()[0]).toMatchObject({ connected: true }), 5_000);
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(earlier.mesh.startedAt));
    // The same key with a data directory of its own, at another address, which dials.
    const members = test.set.validators.map((validator, i) => (i === 0 ? { validator, address: addresses[0]!, dial: true } : undefined));
    const later = await start({ ...optionsOf(test, 1, addresses), listen: { host: '127.0.0.1', port: (await freePorts(1))[0]! }, members });
    await vi.waitFor(() => expect(earlier.elsewhere).toEqual([0]), 5_000);
    expect(later.elsewhere).toEqual([]);
    expect(later.mesh.states()[0]).toMatchObject({ connected: true });
  });

  it('says which port is taken', async () => {
    const { nodes } = await network(1);
    await expect(start(nodes[0]!.options)).rejects.toMatchObject({ code: 'PortInUse', message: expect.stringContaining(`127.0.0.1:${portOf(nodes[0]!)}`) });
  });
});
