// A validator with nothing, whose peer is far ahead: it takes the peer's snapshot over their link, asks to be started again, and is at that height then.
import path from 'node:path';
import { createLogger } from 'winston';
import { expect, it, onTestFinished, vi } from 'vitest';
import { utf8 } from '../../../crypto/encoding.js';
import { ChainState } from '../chainState.js';
import type { NodeConfig } from '../config.js';
import { setSteps } from '../api/validatorRoutes.js';
import { PeerMesh } from '../links/peerMesh.js';
import { PeerDialogue } from '../peerDialogue.js';
import { encodePeerMessage } from '../peerMessages.js';
import { freePorts } from '../testing/freePorts.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { testCertificate, testChain, testReport } from '../testing/testChain.js';
import { Validator } from '../validator.js';
import { SnapshotMaker } from './makeSnapshot.js';
import { SnapshotFiles } from './snapshotFiles.js';

const network = testChain(4);
const SELF = 3;
const HEIGHT = 30;
const logger = createLogger({ silent: true });
const quiet = (): void => undefined;

async function grown(): Promise<{ chain: ChainState; files: SnapshotFiles }> {
  const chain = await ChainState.open(temporaryDirectory(), network.genesis);
  const files = new SnapshotFiles(path.join(temporaryDirectory(), 'snapshots'));
  const maker = new SnapshotMaker(files, HEIGHT, { made: quiet, failed: (error) => expect.unreachable(String(error)) });
  for (let height = 1; height <= HEIGHT; height++) {
    const executed = chain.build([testReport(network, `w${height}`)], chain.header.timestamp + 5, 1);
    await chain.commit(executed, testCertificate(network, height, executed.digest));
  }
  maker.committed(chain.height, () => ({ store: chain.store, head: chain.snapshot, steps: setSteps({ store: chain.store, sets: () => chain.sets }) }));
  await maker.settled();
  return { chain, files };
}

/** Validator 0 as far as its links go; `mutate` what it says of parts. */
async function startPeer(port: number, own: number, mutate: (message: Uint8Array) => Uint8Array): Promise<ChainState> {
  const { chain, files } = await grown();
  const ignore = new Proxy({}, { get: () => quiet }) as ConstructorParameters<typeof PeerDialogue>[2];
  const dialogue = new PeerDialogue(chain.store, files, { ...ignore, consensus: quiet, compact: quiet, status: quiet, cosignature: quiet, announce: quiet, blocks: quiet, failed: quiet, answer: (to, message) => void mesh.send(to, 'bulk', mutate(message)) });
  const mesh: PeerMesh = new PeerMesh(
    {
      chainId: network.chainId,
      keys: network.keys[0]!,
      listen: { host: '127.0.0.1', port: own },
      members: network.set.validators.map((validator, index) => (index === SELF ? { validator, address: { host: '127.0.0.1', port }, dial: true } : undefined)),
    },
    { connected: (to) => void mesh.send(to, 'bulk', encodePeerMessage('status', { height: HEIGHT })), disconnected: quiet, message: (from, _, message) => dialogue.received(from, message), refused: quiet, keyUsedElsewhere: quiet },
  );
  await mesh.start();
  onTestFinished(async () => {
    await mesh.stop();
    await chain.store.close();
  });
  return chain;
}

it.each<[string, (message: Uint8Array) => Uint8Array, boolean]>([
  ['an honest peer', (message) => message, true],
  ['a peer that lies about the state', (message) => (Buffer.from(message).includes('"type":"part"') ? utf8(Buffer.from(message).toString('utf8').replace('balance', 'Balance')) : message), false],
])('with %s', async (_, mutate, isTaken) => {
  const [api, metrics, peer, other] = (await freePorts(4)) as [number, number, number, number];
  const at = (port: number) => ({ host: '127.0.0.1', port });
  const config: NodeConfig = {
    home: temporaryDirectory(), name: 'validator-3', keys: network.keys[SELF]!, genesis: network.genesis, logLevel: 'info',
    api: at(api), metrics: at(metrics), peer: at(peer), peers: [at(other), at(1), at(1), at(peer)], snapshotSyncAbove: 10, snapshotEvery: 0,
  }; // prettier-ignore
  const chain = await startPeer(peer, other, mutate);
  const warned: string[] = [];
  const restart = vi.fn();
  const told = { ...logger, info: quiet, debug: quiet, error: quiet, warn: (message: string) => warned.push(message) } as unknown as typeof logger;
  const make = (): Validator => new Validator(config, { logger: told, report: quiet, fatal: (error) => expect.unreachable(String(error)), restart });
  const first = make();
  await first.start();
  if (isTaken) await vi.waitFor(() => expect(restart).toHaveBeenCalledOnce(), 20_000);
  else await vi.waitFor(() => expect(warned).toContain('a snapshot of a validator was refused'), 20_000);
  await first.stop();
  const second = make();
  await second.start();
  expect(second.status().height).toBe(isTaken ? HEIGHT : 0);
  if (isTaken) expect(second.status().headHash).toBe(chain.snapshot.certificate!.blockHash);
  await second.stop();
}, 60_000);
