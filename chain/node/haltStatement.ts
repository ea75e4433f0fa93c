// The signed statement of who is missing while the chain is halted: evidence that anybody can show.
import { canonicalJson } from '../../crypto/canonicalJson.js';
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import { utf8 } from '../../crypto/encoding.js';
import { signEnvelope } from '../../receipts/dsse.js';
import type { DsseEnvelope } from '../../receipts/types.js';
import type { Halt } from './api/context.js';

const HALT_PAYLOAD_TYPE = 'application/vnd.enc.metanode.halt+json';

/** Times in ms since the epoch. `height` is that of the last final block. */
export interface HaltStatement extends Halt {
  version: 1;
  chainId: string;
  height: number;
  quorum: number;
  statedAt: number;
}

export function signHaltStatement(statement: HaltStatement, key: Ed25519KeyPair): DsseEnvelope {
  return signEnvelope(HALT_PAYLOAD_TYPE, utf8(canonicalJson(statement)), key);
}
