// Keys, node commitments and agreement signatures: what is made here is what the ledger accepts, and what is wrong is named.
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { AgreementSpec } from '../../api/index.js';
import { ed25519FromSeed, generateEd25519 } from '../../crypto/ed25519.js';
import { agreementHash as ledgerHash } from '../ledger/agreements/agreementHash.js';
import { commitmentFault } from '../ledger/nodes/commitment.js';
import { agreementHash, signAgreement, verifyAgreementSignatures } from './agreementSignatures.js';
import { createNodeKey, loadKeyFile, loadNodeKeyFile, writeKeyFile } from './keyFile.js';
import { signNodeCommitment } from './nodeCommitment.js';
import { podSpecHash } from './podSpecHash.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'enc-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
function fileOf(text: string, mode = 0o600): string {
  const file = path.join(folder, `${(files += 1)}.key`);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe('key files', () => {
  const key = generateEd25519();
  it('gives back what was written, for their owner alone, and overwrites nothing', () => {
    const file = path.join(folder, 'made.key');
    writeKeyFile(file, key);
    expect(loadKeyFile(file)).toEqual(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => writeKeyFile(file, generateEd25519())).toThrow(/EEXIST/);
    expect(loadKeyFile(file)).toEqual(key);
    const node = createNodeKey();
    writeKeyFile(path.join(folder, 'node.key'), node);
    expect(loadNodeKeyFile(path.join(folder, 'node.key'))).toEqual(node);
  });

  it.each([
    ['a missing file', () => path.join(folder, 'none.key'), /cannot be read: ENOENT/],
    ['a file that others may read', () => fileOf(JSON.stringify(key), 0o644), /mode 0644.*chmod 600/],
    ['what is no JSON', () => fileOf('hello'), /no JSON/],
    ['a short key', () => fileOf(JSON.stringify({ ...key, privateKey: 'ab' })), /key.privateKey is "ab"/],
    ['a BLS key where an account key is wanted', () => fileOf(JSON.stringify(createNodeKey())), /key.publicKey/],
    ['a public key of another', () => fileOf(JSON.stringify({ ...key, publicKey: generateEd25519().publicKey })), /does not belong/],
  ])('refuses %s', (_name, make, message) => {
    expect(() => loadKeyFile(make())).toThrow(expect.objectContaining({ code: 'BadKeyFile', message: expect.stringMatching(message) as string }));
  });
});

describe('signNodeCommitment', () => {
  const fields = {
    name: 'eu-1',
    region: 'EU',
    zone: 'eu-1a',
    cpuMillis: 4_000,
    memoryBytes: 2 ** 33,
    storageBytes: 2 ** 36,
    networkBandwidth: 10 ** 9,
    pods: 110,
    attestationProof: null,
  };
  it('is accepted by the ledger, and by no other chain', () => {
    const commitment = signNodeCommitment({ chainId: 'enc-test', ...fields }, createNodeKey().privateKey);
    expect(commitment).not.toHaveProperty('chainId');
    expect(commitmentFault('enc-test', commitment)).toBeUndefined();
    expect(commitmentFault('another', commitment)).toBe('BadCommitment');
    expect(commitmentFault('enc-test', { ...commitment, region: 'US' })).toBe('BadCommitment');
  });
});

describe('agreement signatures', () => {
  const [bank, processor] = [ed25519FromSeed('01'.repeat(32)), ed25519FromSeed('02'.repeat(32))];
  const spec: AgreementSpec = {
    agreementId: 'payments',
    version: '1.0',
    parties: [
      { name: 'bank', role: 'controller', publicKey: bank.publicKey },
      { name: 'processor', role: 'processor', publicKey: processor.publicKey },
    ],
    terms: {
      purpose: 'payments',
      classifications: ['Internal'],
      regions: ['EU'],
      regulations: ['GDPR'],
      validFrom: '2025-01-01T00:00:00Z',
      validUntil: '2035-01-01T00:00:00Z',
      requiredPolicies: [],
    },
    jurisdiction: 'US-DE',
    courtId: 'delaware',
    enforcementRules: [],
    signatures: [],
  };
  const signed = signAgreement(signAgreement(spec, bank), processor);

  it('hashes as the ledger does', () => expect(agreementHash(signed)).toBe(ledgerHash(spec)));

  it('finds who has not signed yet, and nothing when all have', () => {
    expect(verifyAgreementSignatures(signAgreement(spec, bank))).toEqual({ errors: [], missing: ['processor'] });
    expect(verifyAgreementSignatures(signAgreement(signed, bank))).toEqual({ errors: [], missing: [] });
  });

  it.each([
    [
      'changed terms',
      { ...signed, terms: { ...spec.terms, regions: ['EU', 'US'] as AgreementSpec['terms']['regions'] } },
      'spec.signatures[0].signature',
    ],
    [
      "another party's signature",
      { ...signed, signatures: [{ party: 'bank', signature: signed.signatures[1]!.signature }] },
      'spec.signatures[0].signature',
    ],
    ['a signature that is none', { ...signed, signatures: [{ party: 'bank', signature: 'zz' }] }, 'spec.signatures[0].signature'],
    ["a stranger's signature", { ...signed, signatures: [{ party: 'eve', signature: 'ab'.repeat(64) }] }, 'spec.signatures[0].party'],
  ])('refuses %s', (_name, forged, where) => {
    expect(verifyAgreementSignatures(forged).errors[0]).toMatchObject({ path: where });
  });

  it('cannot be signed by a stranger', () => expect(() => signAgreement(spec, generateEd25519())).toThrow(/no party/));
});

describe('podSpecHash', () => {
  const pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }], schedulerName: 'enc-scheduler' } };
  it('does not see the node that a decision gives, and sees everything else of the spec', () => {
    expect(podSpecHash({ ...pod, spec: { ...pod.spec, nodeName: 'eu-1' } })).toBe(podSpecHash(pod));
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (image) => {
        const same = podSpecHash({ ...pod, spec: { ...pod.spec, containers: [{ name: 'c', image }] } }) === podSpecHash(pod);
        expect(same).toBe(image === 'i');
      }),
    );
  });
});
