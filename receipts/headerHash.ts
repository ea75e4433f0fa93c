// The identity of a block: the tagged hash of its header. The round is no part of it.
import { canonicalJson } from '../crypto/canonicalJson.js';
import { concatBytes, utf8 } from '../crypto/encoding.js';
import { sha256Hex } from '../crypto/hash.js';
import type { BlockHeader } from './types.js';

const TAG = concatBytes(Uint8Array.of(2), utf8('enc-block-header-v1'));

/** sha256(0x02 ‖ 'enc-block-header-v1' ‖ canonical JSON), hex. */
export function headerHash(header: BlockHeader): string {
  return sha256Hex(concatBytes(TAG, utf8(canonicalJson(header))));
}
