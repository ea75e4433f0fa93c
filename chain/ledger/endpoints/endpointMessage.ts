// What a node's key signs for an endpoint on it (agreement 2.1: all services must be cryptographically signed).
import { canonicalJson } from '../../../crypto/canonicalJson.js';
import { concatBytes, utf8 } from '../../../crypto/encoding.js';
import { sha256 } from '../../../crypto/hash.js';
import type { ServiceEndpoint } from '../../endpointTypes.js';

const TAG = concatBytes(utf8('enc-endpoint-v1'), Uint8Array.of(0));

/** utf8('enc-endpoint-v1') ‖ 0x00 ‖ sha256(canonicalJson({chainId, …all fields but the signature})) */
export function endpointMessage(chainId: string, { blsSignature: _, ...fields }: ServiceEndpoint): Uint8Array {
  return concatBytes(TAG, sha256(utf8(canonicalJson({ chainId, ...fields }))));
}
