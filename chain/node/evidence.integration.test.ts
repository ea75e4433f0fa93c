// A validator that contradicts itself, seen by three real ones: two messages at one height become a transaction and cost it 5 % of its stake, a flood of them half of it and its place.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { signEd25519 } from '../../crypto/ed25519.js';
import { toHex } from '../../crypto/encoding.js';
import { FLOOD } from '../consensus/contradict.js';
import { signingInput } from '../consensus/signing.js';
import type { Payload } from '../consensus/types.js';
import type { EvidenceRecord, ProofRecord } from '../evidenceTypes.js';
import { stateKeys, type AccountRecord } from '../types.js';
import { homeFiles, type NodeFile } from './config.js';
import { PeerMesh } from './links/peerMesh.js';
import { encodePeerMessage } from './peerMessages.js';
import { bpci, ProcessSet, until } from './testing/processSet.js';
import { loadValidatorKeys } from './validatorKeys.js';

const OFFENDER = 3;
let set: ProcessSet;
let mesh: PeerMesh;

beforeAll(async () => {
  set = await ProcessSet.create(4, '--block-time', '500ms');
  set.start(0, 1, 2);
});
afterAll(async () => {
  await mesh?.stop();
  await set.destroy();
});

it('is reported by those who saw it, recorded once, and slashed; the chain goes on', async () => {
  const files = homeFiles(set.home(OFFENDER));
  const keys = loadValidatorKeys(files.key);
  const { peer } = JSON.parse(readFileSync(files.config, 'utf8')) as NodeFile;
  const members = set.genesis.validatorSet.validators.map((validator, index) => (index === OFFENDER ? undefined : { validator, address: undefined, dial: false }));
  const linked = new Set<number>();
  mesh = new PeerMesh({ chainId: 'test-net', keys, listen: peer, members }, { connected: (index) => linked.add(index), disconnected: () => undefined, message: () => undefined, refused: () => undefined, keyUsedElsewhere: () => undefined });
  await mesh.start();
  await until('links to all three', async () => linked.size === 3);

  // Two of a height, for many would be a flood.
  const sent = new Map<number, number>();
  const contradict = (height: number, times = 2) => {
    for (let i = sent.get(height) ?? 0; i < times; i++) {
      const payload: Payload = { type: 'prepare', height, round: 0, digest: toHex(randomBytes(32)) };
      const message = { from: OFFENDER, payload, signature: toHex(signEd25519(keys.ed25519.privateKey, signingInput('test-net', payload))) };
      mesh.broadcast('votes', encodePeerMessage('consensus', { message }));
    }
    sent.set(height, Math.max(times, sent.get(height) ?? 0));
  };
  const recorded = () => set.get<{ entries: { value: string }[] }>(0, `/v1/state-list?prefix=evidence/${keys.ed25519.publicKey}/`);
  const [entry] = await until('a record', async () => {
    const { height } = await set.status(0);
    if (height > 0) contradict(height + 1);
    const { entries } = await recorded();
    return entries.length > 0 && entries;
  });
  const record = JSON.parse(entry!.value) as EvidenceRecord;
  const reporters = set.genesis.validatorSet.validators.filter((_, i) => i !== OFFENDER).map(({ ed25519PublicKey }) => ed25519PublicKey);
  expect(record).toMatchObject({ validator: keys.ed25519.publicKey, kind: 'prepare' });
  expect(reporters).toContain(record.reporter);
  expect(record.slash).toMatch(/^[0-9a-f]{64}$/);

  const before = set.genesis.accounts.find(({ publicKey }) => publicKey === keys.ed25519.publicKey)!.stake;
  const { value } = await set.get<{ value: string }>(0, `/v1/state?key=${stateKeys.account(keys.ed25519.publicKey)}`);
  expect((JSON.parse(value) as AccountRecord).stake).toBe(before - before / 20);

  const proof = await until('a proof of the flood', async () => {
    contradict((await set.status(0)).height + 1, FLOOD);
    const { entries } = await set.get<{ entries: { value: string }[] }>(0, `/v1/state-list?prefix=proof/flood.${keys.ed25519.publicKey}.`);
    return entries[0] && (JSON.parse(entries[0].value) as ProofRecord);
  });
  expect(proof).toMatchObject({ offence: 'networkAttack', subject: `validator/${keys.ed25519.publicKey}` });
  const slash = await set.get<{ value: string }>(0, `/v1/state?key=slash/${proof.slash}`);
  expect(JSON.parse(slash.value)).toMatchObject({ percent: 50, amount: before / 2, state: 'Held' });
  const { height } = await set.status(0);
  await until('three more blocks', async () => (await set.status(1)).height > height + 3);
  expect(bpci('replay', '--home', set.home(2))).toMatchObject({ code: 0 });
});
