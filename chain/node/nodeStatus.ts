// GET /v1/status from what the validator knows: pure.
import { headerHash } from '../../receipts/headerHash.js';
import type { BlockHeader, ValidatorSet } from '../../receipts/types.js';
import type { Genesis } from '../types.js';
import type { NodeStatus } from './api/context.js';
import { indexIn } from './indexIn.js';
import { haltOf } from './haltWatch.js';
import type { PeerState } from './links/peerMesh.js';
import { VERSION } from './version.js';

export interface StatusInput {
  genesis: Genesis;
  /** That decides the next block. */
  set: ValidatorSet;
  self: { key: string; name: string };

  header: BlockHeader;
  round: number;
  /** By index in the set. */
  peers: PeerState[];
  heightOf: (index: number) => number | undefined;
  syncing: boolean;
  /** When the head was committed here, or this run began. */
  progressAt: number;
  mempool: { size: number; bytes: number };
  withheld: NodeStatus['withheld'];
  now: number;
}

export function nodeStatus({ genesis, set, self, header, round, peers, heightOf, syncing, progressAt, mempool, withheld, now }: StatusInput): NodeStatus {
  const index = indexIn(set, self.key);
  const connected = new Set(peers.filter((peer) => peer.connected).map((peer) => peer.index));
  const validators = set.validators.map(({ address }, i) => ({
    index: i,
    address,
    connected: i === index || connected.has(i),
    lastHeight: i === index ? header.height : (heightOf(i) ?? null),
  }));
  const heard = peers.map((peer) => ({ ...peer, address: validators[peer.index]!.address }));
  return {
    chainId: genesis.chainId,
    height: header.height,
    headHash: headerHash(header),
    address: self.name,
    index,
    round,
    validators,
    peersConnected: connected.size,
    syncing,
    halted: haltOf({ now, blockTimeMs: genesis.consensus.blockTimeMs, lastProgressAt: progressAt, peers: heard }),
    mempool,
    withheld,
    version: VERSION,
  };
}

export const isReady = ({ height, halted, syncing }: NodeStatus): boolean => height > 0 && !halted && !syncing;
