// The real cryptography of the core: Ed25519 over a domain-separated canonical payload, BLS for commit seals.
import { bls } from '../../crypto/bls.js';
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { signEd25519, verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, isHex, toHex, utf8 } from '../../crypto/encoding.js';
import { buildCertificate } from '../../receipts/certificates.js';
import { commitSealMessage, partitionSeals } from '../../receipts/commitSeal.js';
import type { ConsensusCrypto, Payload } from './types.js';

const ZERO = Uint8Array.of(0);

/** utf8('enc-qbft-' + type + '-v1') ‖ 0x00 ‖ utf8(chainId) ‖ 0x00 ‖ canonicalJson(payload) */
export function signingInput(chainId: string, payload: Payload): Uint8Array {
  return concatBytes(utf8(`enc-qbft-${payload.type}-v1`), ZERO, utf8(chainId), ZERO, utf8(canonicalJson(payload)));
}

export interface SigningOptions<B> {
  chainId: string;
  /** Private keys, hex; undefined for one that only follows: it is never asked to sign. */
  keys: { ed25519: string; bls: string } | undefined;
  /** Whether the block's header has this hash and binds all of its content. */
  blockMatches: (digest: string, block: B) => boolean;
}

export function createSigning<B>({ chainId, keys, blockMatches }: SigningOptions<B>): ConsensusCrypto<B> {
  const own = (): { ed25519: string; bls: string } => {
    if (keys === undefined) throw new TypeError('a validator without keys was asked to sign; give keys, or Start it with self = null');
    return keys;
  };
  return {
    sign: (payload) => toHex(signEd25519(own().ed25519, signingInput(chainId, payload))),
    verify: (set, { from, payload, signature }) => {
      const member = set.validators[from];
      return (
        member !== undefined && isHex(signature, 64) && verifyEd25519(member.ed25519PublicKey, signingInput(chainId, payload), fromHex(signature))
      );
    },
    seal: (height, round, digest) => toHex(bls.sign(own().bls, commitSealMessage(chainId, height, round, digest))),
    partitionSeals: (set, { height, round, digest }, seals) => partitionSeals(set, commitSealMessage(chainId, height, round, digest), seals),
    certificate: (set, { height, round, digest }, seals) => buildCertificate({ height, round, blockHash: digest }, set.validators.length, seals),
    blockMatches,
  };
}
