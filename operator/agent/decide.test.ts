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
};
const record = (changes: object = {}) =>
  ({ commitment: { ...fields, attestationProof: null, blsPublicKey: 'key', blsProofOfPossession: 'p', commitmentSignature: 's', ...changes } }) as NodeRecord;
const options = { networkBandwidth: 1_000, publicKey: 'key', now: 1e12 };

describe('decide', () => {
  it.each<[string, Node | undefined, NodeRecord | undefined, object]>([
    ['not in the cluster', undefined, undefined, { quiet: 'the node is not in the cluster' }],
    ['just joined', node(), undefined, { quiet: 'the node has not stated its allocatable resources yet' }],
    ['not committed', node(allocatable), undefined, { commit: fields, quote: false }],
    ['committed so', node(allocatable), record(), { quiet: 'it is committed so' }],
    ['has less memory now', node({ ...allocatable, memory: '4Gi' }), record(), { commit: { ...fields, memoryBytes: 4 * 2 ** 30 }, quote: false }],
    ['moved', node(allocatable), record({ region: 'US' }), { commit: fields, quote: false }],
    ['has a new key', node(allocatable), record({ blsPublicKey: 'old' }), { commit: fields, quote: false }],
    [
      'without local storage',
      node({ cpu: '1', memory: '1Gi', pods: '10' }),
      undefined,
      { commit: { ...fields, cpuMillis: 1_000, memoryBytes: 2 ** 30, pods: 10, storageBytes: 0 }, quote: false },
    ],
    ['has devices', node({ ...allocatable, 'nvidia.com/gpu': '2', 'hugepages-2Mi': '0' }), undefined, { commit: { ...fields, extended: { 'nvidia.com/gpu': 2 } }, quote: false }],
  ])('%s', (_name, present, known, decision) => expect(decide(present, place, known, options)).toEqual(decision));
});

describe('decide for a node with a TPM', () => {
  const withTpm = { ...place, tpm: 'device:/dev/tpmrm0' };
  const quoted = (time: number) => ({ ...record(), attested: { keyHash: '', pcrs: {}, time } });
  it.each<[string, NodeRecord | undefined, object]>([
    ['first', undefined, { quote: true }],
    ['committed without a quote', record(), { quote: true }],
    ['quoted lately', quoted(1e12 - 3_600_000), { quiet: 'it is committed so' }],
    ['quoted a day ago', quoted(1e12 - 86_400_000), { quote: true }],
  ])('%s', (_name, known, decision) => expect(decide(node(allocatable), withTpm, known, options)).toMatchObject(decision));
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
