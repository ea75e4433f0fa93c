// DSSE v1 envelopes (secure-systems-lab/dsse, protocol.md) signed with Ed25519.
import { signEd25519, verifyEd25519 } from '../crypto/ed25519.js';
import { concatBytes, fromBase64, toBase64, utf8 } from '../crypto/encoding.js';
import { sha256Hex } from '../crypto/hash.js';
import type { DsseEnvelope } from './types.js';

/** Pre-authentication encoding: what is signed instead of the payload, so that payload and type cannot be taken for one another. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType);
  return concatBytes(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** sha256 of the Ed25519 public key's hex text. */
export function keyIdOf(publicKey: string): string {
  return sha256Hex(publicKey);
}

/** `key` is an Ed25519 key pair, hex. */
export function signEnvelope(payloadType: string, payload: Uint8Array, key: { privateKey: string; publicKey: string }): DsseEnvelope {
  const sig = toBase64(signEd25519(key.privateKey, preAuthEncoding(payloadType, payload)));
  return { payloadType, payload: toBase64(payload), signatures: [{ keyid: keyIdOf(key.publicKey), sig }] };
}

export type EnvelopeVerdict =
  { ok: true; payload: Uint8Array; signers: number[] } | { ok: false; code: 'BadEnvelope' | 'UnknownKey' | 'BadSignature'; message: string };

/**
 * All signatures must be by distinct ones of the Ed25519 public keys (hex), and there must be at least one; `signers` are
 * indices into the keys. Never throws.
 */
export function verifyEnvelope(envelope: DsseEnvelope, publicKeys: string[]): EnvelopeVerdict {
  const payload = decode(envelope.payload);
  if (payload === undefined) return refuse('BadEnvelope', 'envelope.payload is not base64');
  if (envelope.signatures.length === 0) return refuse('BadEnvelope', 'envelope.signatures is empty, at least one is needed');
  const message = preAuthEncoding(envelope.payloadType, payload);
  const signers: number[] = [];
  for (const { keyid, sig } of envelope.signatures) {
    const signer = publicKeys.findIndex((key) => keyIdOf(key) === keyid);
    if (signer < 0) return refuse('UnknownKey', `the envelope is signed with key ${keyid}, which is none of the ${publicKeys.length} accepted ones`);
    if (signers.includes(signer)) return refuse('BadEnvelope', `the envelope has two signatures with key ${keyid}`);
    const signature = decode(sig);
    if (signature === undefined || !verifyEd25519(publicKeys[signer]!, message, signature)) {
      return refuse('BadSignature', `the envelope's signature with key ${keyid} does not fit its payload`);
    }
    signers.push(signer);
  }
  return { ok: true, payload, signers };
}

function decode(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch {
    return undefined;
  }
}

function refuse(code: 'BadEnvelope' | 'UnknownKey' | 'BadSignature', message: string): EnvelopeVerdict {
  return { ok: false, code, message };
}
