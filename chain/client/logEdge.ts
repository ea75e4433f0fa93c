// The right edge of the receipt log at a header, from which the next blocks' receipts are appended.
import { fromHex, toHex } from '../../crypto/encoding.js';
import { completeSubtrees, MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import type { BlockHeader } from '../../receipts/types.js';
import { frontierAnswer } from './answers.js';
import type { Validators } from './askValidators.js';
import { unverified } from './headerChain.js';

/** Proved by the header's log root. */
export async function logEdgeAt(validators: Validators, { height, logSize, logRoot }: BlockHeader, timeoutMs: number): Promise<MerkleFrontier> {
  if (logSize === 0) return MerkleFrontier.empty();
  return validators.ask({
    path: `/v1/log/frontier?size=${logSize}`,
    timeoutMs,
    read: (body) => {
      const { size, frontier } = frontierAnswer(body, 'answer');
      if (size !== logSize || frontier.length !== completeSubtrees(logSize).length)
        throw unverified(`${frontier.length} hashes are not the edge of a log of ${logSize} receipts`);
      const edge = MerkleFrontier.of(
        size,
        frontier.map((hash) => fromHex(hash, 32)),
      );
      if (toHex(edge.root()) !== logRoot) throw unverified(`the log's edge does not lead to the log root of block ${height}`);
      return edge;
    },
  });
}
