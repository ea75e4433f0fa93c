// How an arbitrator commits to a ballot before anybody may see it, and how confidential evidence is committed to (agreement 9.2, 9.3).
import { sha256OfJson } from '../crypto/canonicalJson.js';
import { concatBytes, utf8 } from '../crypto/encoding.js';
import { sha256Hex } from '../crypto/hash.js';
import type { Ballot } from './courtTypes.js';

/** Names case, tier and arbitrator, so that nobody can copy another's commitment and open it with it. */
export function ballotCommitment(caseId: string, tier: number, arbitrator: string, ballot: Ballot): string {
  return sha256OfJson({ domain: 'enc-ballot-v1', caseId, tier, arbitrator, ballot });
}

/** sha256(utf8(salt) ‖ 0x00 ‖ utf8(content)), hex */
export function evidenceCommitment(salt: string, content: string): string {
  return sha256Hex(concatBytes(utf8(salt), Uint8Array.of(0), utf8(content)));
}
