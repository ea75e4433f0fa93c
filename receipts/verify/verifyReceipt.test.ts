// Receipts verify offline, and not with any one byte changed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519FromSeed } from '../../crypto/ed25519.js';
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../../crypto/encoding.js';
import { signEnvelope } from '../dsse.js';
import { testBundles, testFacts } from '../testing/testReceipts.js';
import { testCertificate, testHeader, testValidators } from '../testing/testValidators.js';
import { PAYLOAD_TYPE, type ReceiptBundle } from '../types.js';
import { MAX_BUNDLE_BYTES, readBundle } from './readBundle.js';
import { verifyReceipt, type ReceiptFaultCode } from './verifyReceipt.js';

const validators = testValidators(4);
const trust = { chainId: 'enc-test', validatorSet: validators.set };
const key = { privateKey: validators.ed25519Keys[0]!, publicKey: validators.set.validators[0]!.ed25519PublicKey };
const [bundle, sibling] = testBundles(validators, [testFacts(0), testFacts(1), testFacts(2)]) as [ReceiptBundle, ReceiptBundle];

const readAndVerify = (data: Uint8Array | string) => {
  const reading = readBundle(data);
  return reading.ok ? verifyReceipt(reading.bundle, trust) : reading;
};
const resigned = (change: (text: string) => string) => signEnvelope(PAYLOAD_TYPE, utf8(change(fromUtf8(fromBase64(bundle.envelope.payload)))), key);

describe('verifyReceipt', () => {
  it('accepts a finalised receipt and says what it shows', () => {
    const verdict = readAndVerify(JSON.stringify(bundle, null, 2));
    expect(verdict).toMatchObject({ ok: true, height: 7, timestamp: 1_790_000_000_000, signers: [0, 1, 2], servedBy: [0], round: 0 });
    expect(verdict.ok && verdict.statement.predicate.object).toEqual({ kind: 'Pod', namespace: 'shop', name: 'cart-0', uid: 'uid-0' });
    expect(verifyReceipt({ ...bundle, validatorSet: undefined }, trust).ok).toBe(true);
  });

  const stranger = ed25519FromSeed('99'.repeat(32));
  const others = testValidators(4, 67, 9);
  it.each<[string, ReceiptFaultCode, RegExp, () => Partial<ReceiptBundle>]>([
    [
      "another receipt's path",
      'NotInLog',
      /the inclusion path leads to [0-9a-f]{64}, the log root of block 7 is/,
      () => ({ inclusion: sibling.inclusion }),
    ],
    ['a statement that was never logged', 'NotInLog', /not in the log/, () => ({ envelope: resigned((text) => text.replace('refused', 'allowed')) })],
    [
      'a path too short',
      'NotInLog',
      /a path of 3 hashes cannot belong to entry 20 of 23/,
      () => ({ inclusion: { ...bundle.inclusion, path: bundle.inclusion.path.slice(1) } }),
    ],
    [
      'a proof for another log size',
      'NotInLog',
      /for a log of 22 entries, the log of block 7 has 23/,
      () => ({ inclusion: { ...bundle.inclusion, treeSize: 22 } }),
    ],
    [
      "another chain's statement",
      'WrongChain',
      /chain "other", expected "enc-test"/,
      () => testBundles(validators, [testFacts(0, { chainId: 'other' })])[0]!,
    ],
    [
      "another block's header",
      'WrongHeight',
      /of block 8, the header is of block 7/,
      () => testBundles(validators, [testFacts(0, { blockHeight: 8 })])[0]!,
    ],
    ['another time', 'WrongTime', /says 5 ms/, () => testBundles(validators, [testFacts(0, { timestamp: 5 })])[0]!],
    ['a header that was not certified', 'WrongBlock', /the header hashes to/, () => ({ header: { ...bundle.header, proposer: 1 } })],
    ['a certificate without a quorum', 'NoQuorum', /2 of 4/, () => ({ certificate: testCertificate(validators, bundle.header, [0, 1]) })],
    [
      "strangers' certificate",
      'BadSignature',
      /not that of validators 0, 1, 2/,
      () => ({ certificate: testCertificate(others, bundle.header, [0, 1, 2]) }),
    ],
    ["strangers' chain altogether", 'WrongValidators', /the trusted set is/, () => testBundles(others, [testFacts(0)])[0]!],
    ["another set's description", 'WrongValidators', /is not the set/, () => ({ validatorSet: others.set })],
    [
      'a signature by no validator',
      'UnknownKey',
      /none of the 4/,
      () => ({ envelope: signEnvelope(PAYLOAD_TYPE, fromBase64(bundle.envelope.payload), stranger) }),
    ],
    [
      'another signature',
      'BadSignature',
      /does not fit its payload/,
      () => ({ envelope: { ...bundle.envelope, signatures: [{ ...bundle.envelope.signatures[0]!, sig: sibling.envelope.signatures[0]!.sig }] } }),
    ],
    ['a statement that is not canonical', 'BadStatement', /not canonical JSON/, () => ({ envelope: resigned((text) => ` ${text}`) })],
    [
      'a repeated member',
      'BadStatement',
      /not canonical JSON/,
      () => ({ envelope: resigned((text) => text.replace('"outcome":', '"outcome":"allowed","outcome":')) }),
    ],
    ['a payload that is no JSON', 'BadStatement', /no statement/, () => ({ envelope: resigned(() => 'hello') })],
    [
      'a payload of another type',
      'BadStatement',
      /predicateType is "https:\/\/slsa.dev/,
      () => ({ envelope: resigned((text) => text.replace('https://enc.metanode.io/receipt/v1', 'https://slsa.dev/provenance/v1')) }),
    ],
    ['another envelope type', 'Malformed', /payloadType is "text\/plain"/, () => ({ envelope: { ...bundle.envelope, payloadType: 'text/plain' } })],
    ['an unknown member', 'Malformed', /receipt.note is "x"/, () => ({ note: 'x' }) as object],
  ])('refuses %s', (_name, code, message, changes) => {
    expect(verifyReceipt({ ...bundle, ...changes() }, trust)).toEqual({ ok: false, code, message: expect.stringMatching(message) as string });
  });

  it('refuses a header that binds another validator set, though its own quorum certified it', () => {
    const header = testHeader(others.set, { logSize: bundle.header.logSize, logRoot: bundle.header.logRoot });
    const forged = { ...bundle, header, certificate: testCertificate(others, header, [0, 1, 2, 3]), validatorSet: others.set };
    expect(verifyReceipt(forged, trust)).toMatchObject({ ok: false, code: 'WrongValidators' });
  });

  it('refuses the file with any one byte changed, wherever it is', () => {
    const file = utf8(canonicalJson(bundle));
    expect(readAndVerify(file).ok).toBe(true);
    const accepted: string[] = [];
    for (let position = 0; position < file.length; position++) {
      for (const change of [0x01, 0x20, 0x80]) {
        const changed = file.slice();
        changed[position]! ^= change;
        if (readAndVerify(changed).ok) accepted.push(`byte ${position} xor ${change}`);
      }
    }
    expect(accepted).toEqual([]);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), (position, byte) => {
        const changed = file.slice();
        changed[position] = byte;
        expect(readAndVerify(changed).ok).toBe(byte === file[position]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses every single changed bit of the decoded payload, even if the envelope is signed anew', () => {
    const payload = fromBase64(bundle.envelope.payload);
    fc.assert(
      fc.property(fc.nat(payload.length - 1), fc.nat(7), (position, bit) => {
        const changed = payload.slice();
        changed[position]! ^= 1 << bit;
        expect(verifyReceipt({ ...bundle, envelope: signEnvelope(PAYLOAD_TYPE, changed, key) }, trust).ok).toBe(false);
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom('envelope', 'inclusion', 'header', 'certificate', 'validatorSet', 'version'), (value, member) => {
        expect(verifyReceipt(value as ReceiptBundle, trust).ok).toBe(false);
        if (value !== undefined) expect(verifyReceipt({ ...bundle, [member]: value }, trust).ok).toBe(member === 'version' && value === 1);
      }),
    );
  });
});

describe('readBundle', () => {
  const text = canonicalJson(bundle);
  it.each<[string, Uint8Array | string, RegExp]>([
    ['nothing', '', /cannot be read/],
    ['half a file', text.slice(0, 500), /cannot be read/],
    ['a list', '[]', /receipt is an array of 0, expected an object/],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe), /not UTF-8/],
    ['a byte order mark', utf8(`\ufeff${text}`), /cannot be read/],
    ['a payload too large', text.replace(bundle.envelope.payload, toBase64(new Uint8Array(70_000))), /envelope.payload/],
    ['a file too large', ' '.repeat(MAX_BUNDLE_BYTES + 1), /at most 1048576 are read/],
    ['a version to come', text.replace(/"version":1}$/, '"version":2}'), /receipt.version is 2, expected 1/],
  ])('refuses %s', (_name, data, message) => {
    expect(readBundle(data)).toEqual({ ok: false, code: 'Malformed', message: expect.stringMatching(message) as string });
  });
});
