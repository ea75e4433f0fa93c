// The public identity that a pod shows before there is a genesis: signed with its own Ed25519 key, with a proof that it holds its BLS key. Pure.
import { canonicalJson, sha256OfJson } from '../../../crypto/canonicalJson.js';
import { signEd25519, verifyEd25519, type Ed25519KeyPair } from '../../../crypto/ed25519.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../../crypto/encoding.js';
import { hex, literal, object, ShapeError, text, type Shape } from '../../../receipts/shape.js';
import { validatorOf, type ValidatorKeys } from '../../../chain/node/validatorKeys.js';

interface UnsignedIdentity {
  version: 1;
  chainId: string;
  name: string;
  ed25519PublicKey: string;
  /** Of a validator. */
  bls?: { publicKey: string; proofOfPossession: string };
}
export interface PublicIdentity extends UnsignedIdentity {
  signature: string;
}

/** utf8('enc-ceremony-identity-v1') ‖ 0x00 ‖ sha256 of the statement's canonical JSON */
const TAG = concatBytes(utf8('enc-ceremony-identity-v1'), Uint8Array.of(0));
const messageOf = (unsigned: UnsignedIdentity): Uint8Array => concatBytes(TAG, fromHex(sha256OfJson(unsigned), 32));

const shape: Shape<PublicIdentity> = object(
  { version: literal(1), chainId: text(1, 128), name: text(1, 253), ed25519PublicKey: hex(32), signature: hex(64) },
  { bls: object({ publicKey: hex(48), proofOfPossession: hex(96) }) },
) as Shape<PublicIdentity>;

export function accountIdentity(chainId: string, name: string, keys: Ed25519KeyPair): PublicIdentity {
  return signed({ version: 1, chainId, name, ed25519PublicKey: keys.publicKey }, keys.privateKey);
}

export function validatorIdentity(chainId: string, name: string, keys: ValidatorKeys): PublicIdentity {
  const { blsPublicKey, blsProofOfPossession, ed25519PublicKey } = validatorOf(name, keys);
  return signed(
    { version: 1, chainId, name, ed25519PublicKey, bls: { publicKey: blsPublicKey, proofOfPossession: blsProofOfPossession } },
    keys.ed25519.privateKey,
  );
}

function signed(unsigned: UnsignedIdentity, privateKey: string): PublicIdentity {
  return { ...unsigned, signature: toHex(signEd25519(privateKey, messageOf(unsigned))) };
}

/** The identity in an answer, or why it is none of `name` on `chainId`. The proof of possession is checked with the genesis. */
export function readIdentity(answer: unknown, chainId: string, name: string): PublicIdentity | string {
  let identity: PublicIdentity;
  try {
    identity = shape(answer, 'identity');
  } catch (error) {
    if (error instanceof ShapeError) return error.message;
    throw error;
  }
  if (identity.chainId !== chainId) return `it is of chain ${identity.chainId}, not ${chainId}`;
  if (identity.name !== name) return `it calls itself ${identity.name}, not ${name}`;
  const { signature, ...unsigned } = identity;
  if (!verifyEd25519(identity.ed25519PublicKey, messageOf(unsigned), fromHex(signature, 64))) return 'its signature does not fit: it was changed on its way';
  return identity;
}

export const identityBytes = (identity: PublicIdentity): Uint8Array => utf8(canonicalJson(identity));
