// Envelopes: the specification's encoding, and signatures by accepted keys only.
import { describe, expect, it } from 'vitest';
import { ed25519FromSeed } from '../crypto/ed25519.js';
import { fromUtf8, toBase64, utf8 } from '../crypto/encoding.js';
import { keyIdOf, preAuthEncoding, signEnvelope, verifyEnvelope } from './dsse.js';
import type { DsseEnvelope } from './types.js';

const [a, b, c] = ['01', '02', '03'].map((byte) => ed25519FromSeed(byte.repeat(32)));
const keys = [a!.publicKey, b!.publicKey];
const payload = utf8('hello world');
const envelope = signEnvelope('http://example.com/HelloWorld', payload, b!);

describe('preAuthEncoding', () => {
  it.each([
    ['http://example.com/HelloWorld', 'hello world', 'DSSEv1 29 http://example.com/HelloWorld 11 hello world'],
    ['', '', 'DSSEv1 0  0 '],
    ['ä', 'öü', 'DSSEv1 2 ä 4 öü'],
  ])('of "%s" counts bytes, as the specification says', (type, body, expected) => {
    expect(fromUtf8(preAuthEncoding(type, utf8(body)))).toBe(expected);
  });
});

describe('verifyEnvelope', () => {
  it('accepts a signature by an accepted key, and says whose', () => {
    expect(verifyEnvelope(envelope, keys)).toEqual({ ok: true, payload, signers: [1] });
    const both = { ...envelope, signatures: [...envelope.signatures, ...signEnvelope(envelope.payloadType, payload, a!).signatures] };
    expect(verifyEnvelope(both, keys)).toMatchObject({ ok: true, signers: [1, 0] });
  });

  const [signature] = envelope.signatures;
  it.each<[string, Partial<DsseEnvelope>, string]>([
    ['another payload', { payload: toBase64(utf8('hello worle')) }, 'BadSignature'],
    ['another type', { payloadType: 'http://example.com/HelloWorle' }, 'BadSignature'],
    ['a key that is not accepted', signEnvelope(envelope.payloadType, payload, c!), 'UnknownKey'],
    ['a stranger beside an accepted one', { signatures: [signature!, { keyid: keyIdOf(c!.publicKey), sig: signature!.sig }] }, 'UnknownKey'],
    ["another's key id", { signatures: [{ ...signature!, keyid: keyIdOf(a!.publicKey) }] }, 'BadSignature'],
    ['no signature', { signatures: [] }, 'BadEnvelope'],
    ['the same signature twice', { signatures: [signature!, signature!] }, 'BadEnvelope'],
    ['a signature that is not base64', { signatures: [{ ...signature!, sig: '*' }] }, 'BadSignature'],
    ['a payload that is not base64', { payload: 'aGVsbG8' }, 'BadEnvelope'],
  ])('refuses %s', (_name, changes, code) => {
    expect(verifyEnvelope({ ...envelope, ...changes }, keys)).toMatchObject({ ok: false, code });
  });
});
