// The consensus core with this validator's keys, configuration and the votes of its last run.
import { createSigning } from '../consensus/signing.js';
import { restore, step } from '../consensus/step.js';
import type { VoteRecord } from '../consensus/types.js';
import type { Block } from '../types.js';
import { blockBinding } from './blockBinding.js';
import type { NodeConfig } from './config.js';
import type { ConsensusCore } from './consensusDriver.js';

/** `votes` = those of heights that are not final, in the order in which they were cast. */
export function createCore({ genesis, keys }: Pick<NodeConfig, 'genesis' | 'keys'>, votes: VoteRecord<Block>[], leafOf?: (raw: string) => Uint8Array): ConsensusCore {
  const { chainId, consensus } = genesis;
  const { blockTimeMs, baseTimeoutMs, maxTimeoutMs } = consensus;
  const crypto = createSigning<Block>({
    chainId,
    keys: { ed25519: keys.ed25519.privateKey, bls: keys.bls.privateKey },
    blockMatches: blockBinding(consensus, leafOf),
  });
  let state = restore<Block>({ baseTimeoutMs, maxTimeoutMs, blockIntervalMs: blockTimeMs, crypto }, votes);
  return {
    get round() {
      return state.round;
    },
    step: (event) => {
      const next = step(state, event);
      state = next.state;
      return next.effects;
    },
  };
}
