// An endpoint signed with its node's key, for the program that announces it (agreement 2.1, ServiceEndpoint).
import { bls } from '../../crypto/bls.js';
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { concatBytes, toHex, utf8 } from '../../crypto/encoding.js';
import { sha256 } from '../../crypto/hash.js';
import type { ServiceEndpoint } from '../endpointTypes.js';

const TAG = concatBytes(utf8('enc-endpoint-v1'), Uint8Array.of(0));

/** `nodeSecretKey` = BLS secret that the node is committed with, hex. */
export function signServiceEndpoint(chainId: string, fields: Omit<ServiceEndpoint, 'blsSignature'>, nodeSecretKey: string): ServiceEndpoint {
  const message = concatBytes(TAG, sha256(utf8(canonicalJson({ chainId, ...fields }))));
  return { ...fields, blsSignature: toHex(bls.sign(nodeSecretKey, message)) };
}
