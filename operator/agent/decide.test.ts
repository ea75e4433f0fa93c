import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeRecord } from '../../chain/types.js';
import type { Node } from '../runtime/kubeObject.js';
import { readNodePlaces } from './config.js';
import { decide } from './decide.js';
import { nodeKeys } from './nodeKeys.js';

const place = { name: 'eu-1', region: 'EU', zone: 'eu-a' } as const;
const node = (allocatable?: Record<string, string>): Node => ({ metadata: { name: 'eu-1' }, ...(allocatable ? { status: { allocatable } } : {}) });
const allocatable = { cpu: '3920m', memory: '8Gi', pods: '110', 'ephemeral-storage': '100G' };
const fields = {
  ...place,
  cpuMillis: 3_920,
  memoryBytes: 8 * 2 ** 30,
  storageBytes: 100e9,
  networkBandwidth: 1_000,
  pods: 110,
  attestationProof: null,
};
const record = (changes: object = {}) =>
  ({ commitment: { ...fields, blsPublicKey: 'key', blsProofOfPossession: 'p', commitmentSignature: 's', ...changes } }) as NodeRecord;
const options = { networkBandwidth: 1_000, publicKey: 'key' };

describe('decide', () => {
  it.each<[string, Node | undefined, NodeRecord | undefined, object]>([
    ['not in the cluster', undefined, undefined, { quiet: 'the node is not in the cluster' }],
    ['just joined', node(), undefined, { quiet: 'the node has not stated its allocatable resources yet' }],
    ['not committed', node(allocatable), undefined, { commit: fields }],
    ['committed so', node(allocatable), record(), { quiet: 'it is committed so' }],
    ['has less memory now', node({ ...allocatable, memory: '4Gi' }), record(), { commit: { ...fields, memoryBytes: 4 * 2 ** 30 } }],
    ['moved', node(allocatable), record({ region: 'US' }), { commit: fields }],
    ['has a new key', node(allocatable), record({ blsPublicKey: 'old' }), { commit: fields }],
    [
      'without local storage',
      node({ cpu: '1', memory: '1Gi', pods: '10' }),
      undefined,
      { commit: { ...fields, cpuMillis: 1_000, memoryBytes: 2 ** 30, pods: 10, storageBytes: 0 } },
    ],
  ])('%s', (_name, present, known, decision) => expect(decide(present, place, known, options)).toEqual(decision));
});

describe('files', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'enc-agent-'))));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (text: string) => {
    const file = path.join(folder, 'nodes.json');
    writeFileSync(file, text);
    return file;
  };

  it('reads places, with or without a zone', () => {
    expect(readNodePlaces(write('[{"name":"eu-1","region":"EU"},{"name":"us-1","region":"US","zone":"us-b","kind":"kwok"}]'))).toEqual([
      { name: 'eu-1', region: 'EU', zone: '' },
      { name: 'us-1', region: 'US', zone: 'us-b' },
    ]);
  });

  it.each([
    ['no JSON', '[', 'give a JSON list'],
    ['no list', '{}', 'it is no list'],
    ['no name', '[{"region":"EU"}]', '[0].name is undefined: give the name of a Node'],
    ['a region that is none', '[{"name":"a","region":"Global"}]', '[0].region is "Global": use one of US, EU, APAC'],
    ['a long zone', `[{"name":"a","region":"EU","zone":"${'z'.repeat(64)}"}]`, '[0].zone'],
    ['a node twice', '[{"name":"a","region":"EU"},{"name":"a","region":"US"}]', 'node a is there twice'],
  ])('refuses %s', (_name, text, message) => expect(() => readNodePlaces(write(text))).toThrow(message));

  it('makes each node a key once, and reads it again', () => {
    const keys = nodeKeys(path.join(folder, 'keys'), ['a', 'b']);
    expect(keys.get('a')!.publicKey).not.toBe(keys.get('b')!.publicKey);
    expect(nodeKeys(path.join(folder, 'keys'), ['a']).get('a')).toEqual(keys.get('a'));
  });
});
