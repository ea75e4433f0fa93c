// The signed statement of who is missing while the chain is halted: evidence that anybody can show.
import { canonicalJson } from '../../crypto/canonicalJson.js';
import type { Ed25519KeyPair } from '../../crypto/ed25519.js';
import { utf8 } from '../../crypto/encoding.js';
import { signEnvelope } from '../../receipts/dsse.js';
import { quorum } from '../../receipts/quorum.js';
import type { DsseEnvelope, ValidatorSet } from '../../receipts/types.js';
import type { Halt, NodeStatus } from './api/context.js';

const HALT_PAYLOAD_TYPE = 'application/vnd.enc.metanode.halt+json';

/** Times in ms since the epoch. `height` is that of the last final block. */
export interface HaltStatement extends Halt {
  version: 1;
  chainId: string;
  height: number;
  quorum: number;
  statedAt: number;
}

/** Undefined while the chain goes on. `set` decides the next block. */
export function stateHalt({ chainId, height, halted }: NodeStatus, { validators, quorumPercent }: ValidatorSet, key: Ed25519KeyPair, now: number): DsseEnvelope | undefined {
  if (!halted) return undefined;
  const statement: HaltStatement = { version: 1, chainId, height, quorum: quorum(validators.length, quorumPercent), statedAt: now, ...halted };
  return signEnvelope(HALT_PAYLOAD_TYPE, utf8(canonicalJson(statement)), key);
}
