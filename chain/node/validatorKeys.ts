// A validator's two identity keys and the file that holds them: Ed25519 for messages, BLS for commit seals.
import { readFileSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { bls } from '../../crypto/bls.js';
import { ed25519FromSeed, generateEd25519, type Ed25519KeyPair } from '../../crypto/ed25519.js';
import { toHex, utf8 } from '../../crypto/encoding.js';
import { hex, object, ShapeError, type Shape } from '../../receipts/shape.js';
import type { Validator } from '../../receipts/types.js';
import { NodeError, reasonOf } from './nodeError.js';

/** Hex. */
export interface BlsKeyPair {
  privateKey: string;
  publicKey: string;
}
export interface ValidatorKeys {
  ed25519: Ed25519KeyPair;
  bls: BlsKeyPair;
}

const pair = (publicBytes: number) => object({ publicKey: hex(publicBytes), privateKey: hex(32) });
const shape: Shape<ValidatorKeys> = object({ ed25519: pair(32), bls: pair(48) });
const accountShape: Shape<Ed25519KeyPair> = pair(32);

export function generateValidatorKeys(): ValidatorKeys {
  const privateKey = bls.keyFromSeed(randomBytes(32));
  return { ed25519: generateEd25519(), bls: { privateKey, publicKey: bls.publicKey(privateKey) } };
}

/** The public part with its proof of possession, as genesis lists it. */
export function validatorOf(address: string, keys: ValidatorKeys): Validator {
  return {
    address,
    blsPublicKey: keys.bls.publicKey,
    blsProofOfPossession: toHex(bls.provePossession(keys.bls.privateKey)),
    ed25519PublicKey: keys.ed25519.publicKey,
  };
}

export function encodeKeyFile(keys: ValidatorKeys | Ed25519KeyPair): Uint8Array {
  return utf8(`${JSON.stringify(keys, null, 2)}\n`);
}

/** Throws NodeError 'BadKeyFile' naming the file and the cure. */
export function loadValidatorKeys(file: string): ValidatorKeys {
  const keys = load(file, shape);
  const belong = ed25519FromSeed(keys.ed25519.privateKey).publicKey === keys.ed25519.publicKey && bls.publicKey(keys.bls.privateKey) === keys.bls.publicKey;
  if (!belong) throw new NodeError('BadKeyFile', `key file ${file}: the public keys do not belong to the private ones; restore it from a backup`);
  return keys;
}

/** An account's key pair. Throws NodeError 'BadKeyFile'. */
export function loadAccountKeys(file: string): Ed25519KeyPair {
  const keys = load(file, accountShape);
  if (ed25519FromSeed(keys.privateKey).publicKey !== keys.publicKey) {
    throw new NodeError('BadKeyFile', `key file ${file}: publicKey does not belong to privateKey; restore it from a backup`);
  }
  return keys;
}

function load<T>(file: string, as: Shape<T>): T {
  let text: string;
  try {
    const mode = statSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new NodeError('BadKeyFile', `key file ${file} has mode 0${mode.toString(8)}, others may read it; run: chmod 600 ${file}`);
    }
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof NodeError) throw cause;
    throw new NodeError('BadKeyFile', `key file ${file} cannot be read: ${reasonOf(cause)}`, { cause });
  }
  try {
    return as(JSON.parse(text), 'key');
  } catch (cause) {
    const why = cause instanceof ShapeError ? cause.message : 'it is no JSON';
    throw new NodeError('BadKeyFile', `key file ${file} is malformed: ${why}`, { cause });
  }
}
