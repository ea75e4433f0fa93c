// Validators with real keys for tests of the node.
import { bls } from '../../../crypto/bls.js';
import { ed25519FromSeed } from '../../../crypto/ed25519.js';
import { sha256, sha256Hex } from '../../../crypto/hash.js';
import { utf8 } from '../../../crypto/encoding.js';
import type { ValidatorSet } from '../../../receipts/types.js';
import { validatorOf, type ValidatorKeys } from '../validatorKeys.js';

export interface TestSet {
  chainId: string;
  set: ValidatorSet;
  keys: ValidatorKeys[];
}

/** Deterministic by size. */
export function testSet(size: number, chainId = 'test-chain'): TestSet {
  const keys = Array.from({ length: size }, (_, i): ValidatorKeys => {
    const privateKey = bls.keyFromSeed(sha256(utf8(`bls ${i}`)));
    return { ed25519: ed25519FromSeed(sha256Hex(`ed25519 ${i}`)), bls: { privateKey, publicKey: bls.publicKey(privateKey) } };
  });
  return { chainId, keys, set: { validators: keys.map((key, i) => validatorOf(`validator-${i}`, key)), quorumPercent: 67 } };
}
