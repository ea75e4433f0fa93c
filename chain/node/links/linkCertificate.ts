// What ties a link's X25519 key to a validator: a statement signed with both of the validator's identity keys, carried in the Noise handshake.
import { bls } from '../../../crypto/bls.js';
import { concatBytes, fromHex, fromUtf8, toHex, u64be, utf8 } from '../../../crypto/encoding.js';
import { signEd25519, verifyEd25519 } from '../../../crypto/ed25519.js';
import { sha256 } from '../../../crypto/hash.js';
import { hex, integer, literal, object, ShapeError, type Shape } from '../../../receipts/shape.js';
import type { Validator } from '../../../receipts/types.js';
import type { ValidatorKeys } from '../validatorKeys.js';
import { LinkError } from './linkError.js';

const TAG = concatBytes(utf8('enc-link-v1'), Uint8Array.of(0));
const LINK_VERSION = 1;

/** Hex throughout; `startedAt` in ms tells two runs of one validator apart. */
export interface LinkCertificate {
  version: typeof LINK_VERSION;
  validator: string;
  staticKey: string;
  startedAt: number;
  signature: string;
  blsSignature: string;
}

/** Whose signatures a certificate bears; `address` is for people. */
export type Identity = Pick<Validator, 'ed25519PublicKey' | 'blsPublicKey' | 'address'>;

const shape: Shape<LinkCertificate> = object({
  version: literal(LINK_VERSION),
  validator: hex(32),
  staticKey: hex(32),
  startedAt: integer(),
  signature: hex(64),
  blsSignature: hex(96),
});

/** utf8('enc-link-v1') ‖ 0x00 ‖ sha256(chainId) ‖ static key ‖ u64be(startedAt) */
function signingInput(chainId: string, staticKey: string, startedAt: number): Uint8Array {
  return concatBytes(TAG, sha256(utf8(chainId)), fromHex(staticKey, 32), u64be(startedAt));
}

/** Both ends must agree on it before they can talk. */
export function linkPrologue(chainId: string): Uint8Array {
  return concatBytes(utf8(chainId), Uint8Array.of(0, LINK_VERSION));
}

export function certifyLink(chainId: string, keys: ValidatorKeys, staticKey: string, startedAt: number): LinkCertificate {
  const message = signingInput(chainId, staticKey, startedAt);
  return {
    version: LINK_VERSION,
    validator: keys.ed25519.publicKey,
    staticKey,
    startedAt,
    signature: toHex(signEd25519(keys.ed25519.privateKey, message)),
    blsSignature: toHex(bls.sign(keys.bls.privateKey, message)),
  };
}

export function encodeLinkCertificate(certificate: LinkCertificate): Uint8Array {
  return utf8(JSON.stringify(certificate));
}

/** Position of the validator at the other end among those who may link. Cheap checks first, the pairing last. Throws LinkError 'BadCertificate' or 'NotAllowed'. */
export function checkLinkCertificate(bytes: Uint8Array, remoteStatic: string, chainId: string, allowed: readonly (Validator | undefined)[]): { index: number; startedAt: number } {
  const certificate = decode(bytes);
  if (certificate.staticKey !== remoteStatic) throw new LinkError('BadCertificate', 'the certificate is for another static key than the channel has');
  const index = allowed.findIndex((validator) => validator?.ed25519PublicKey === certificate.validator);
  const validator = allowed[index];
  if (!validator) throw new LinkError('NotAllowed', `${certificate.validator} may not link: it is no validator of this chain, or not any more`);
  mustBeSigned(certificate, chainId, validator);
  return { index, startedAt: certificate.startedAt };
}

/** When the run of this very validator began whose certificate it is. Throws LinkError 'BadCertificate' or 'NotAllowed'. */
export function checkOwnCertificate(bytes: Uint8Array, chainId: string, self: Identity): { startedAt: number; staticKey: string } {
  const certificate = decode(bytes);
  if (certificate.validator !== self.ed25519PublicKey) throw new LinkError('NotAllowed', 'the certificate is another validator\'s');
  mustBeSigned(certificate, chainId, self);
  return certificate;
}

function mustBeSigned(certificate: LinkCertificate, chainId: string, validator: Identity): void {
  const message = signingInput(chainId, certificate.staticKey, certificate.startedAt);
  if (!verifyEd25519(validator.ed25519PublicKey, message, fromHex(certificate.signature))) {
    throw new LinkError('BadCertificate', `the link certificate of ${validator.address} has a wrong Ed25519 signature`);
  }
  if (!bls.verify(validator.blsPublicKey, message, fromHex(certificate.blsSignature))) {
    throw new LinkError('BadCertificate', `the link certificate of ${validator.address} has a wrong BLS signature`);
  }
}

function decode(bytes: Uint8Array): LinkCertificate {
  try {
    return shape(JSON.parse(fromUtf8(bytes)), 'certificate');
  } catch (cause) {
    const why = cause instanceof ShapeError ? cause.message : 'it is no JSON';
    throw new LinkError('BadCertificate', `malformed link certificate: ${why}`, { cause });
  }
}
