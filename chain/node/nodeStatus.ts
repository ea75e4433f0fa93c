// GET /v1/status from what the validator knows: pure.
import { headerHash } from '../../receipts/headerHash.js';
import type { BlockHeader } from '../../receipts/types.js';
import type { Genesis } from '../types.js';
import type { NodeStatus } from './api/context.js';
import { haltOf } from './haltWatch.js';
import type { PeerState } from './links/peerMesh.js';
import { VERSION } from './version.js';

export interface StatusInput {
  genesis: Genesis;
  index: number;
  header: BlockHeader;
  round: number;
  peers: PeerState[];
  heightOf: (peer: number) => number | undefined;
  syncing: boolean;
  /** When the head was committed here, or this run began. */
  progressAt: number;
  mempool: { size: number; bytes: number };
  now: number;
}

export function nodeStatus({ genesis, index, header, round, peers, heightOf, syncing, progressAt, mempool, now }: StatusInput): NodeStatus {
  const connected = new Set([index, ...peers.filter((peer) => peer.connected).map((peer) => peer.index)]);
  const validators = genesis.validatorSet.validators.map(({ address }, i) => ({
    index: i,
    address,
    connected: connected.has(i),
    lastHeight: i === index ? header.height : (heightOf(i) ?? null),
  }));
  const heard = peers.map((peer) => ({ ...peer, address: validators[peer.index]!.address }));
  return {
    chainId: genesis.chainId,
    height: header.height,
    headHash: headerHash(header),
    address: validators[index]!.address,
    index,
    round,
    validators,
    peersConnected: connected.size - 1,
    syncing,
    halted: haltOf({ now, blockTimeMs: genesis.consensus.blockTimeMs, lastProgressAt: progressAt, peers: heard }),
    mempool,
    version: VERSION,
  };
}
