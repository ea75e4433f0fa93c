// Detects, hour by hour and from chain data alone, that a cluster cannot go on (agreement 11.1, involuntary termination).
import type { ClusterWatch, HourRecord } from '../../economyTypes.js';
import type { BlockContext } from '../operation.js';
import { HOUR_MS } from '../rewards/participants.js';
import type { Overlay } from '../state.js';
import { terminate } from './termination.js';

const KEY = 'termination/watch';

/** `active` = nodes and validators heard of in the hour. */
export function watchCluster(state: Overlay, block: BlockContext, hour: HourRecord, active: number): void {
  const { parameters, timestamp } = block;
  const before = state.read<ClusterWatch>(KEY) ?? { insufficientSince: null, failingSince: null, everSufficient: false };
  const everSufficient = before.everSufficient || active >= parameters.minimumActiveNodes;
  // Of all blocks: whoever reports only certificates of heights that took long proves no more than those.
  const rounds = hour.blocks + hour.failedRounds;
  const failing = hour.failedRounds * 100 > parameters.failedRoundsPercent * rounds;
  const watch: ClusterWatch = {
    everSufficient,
    insufficientSince: everSufficient && active < parameters.minimumActiveNodes ? (before.insufficientSince ?? hour.hour) : null,
    failingSince: failing ? (before.failingSince ?? hour.hour) : null,
  };
  if (before.insufficientSince !== watch.insufficientSince || before.failingSince !== watch.failingSince || before.everSufficient !== everSufficient)
    state.write(KEY, watch);
  const end = Math.min(hour.hour + HOUR_MS, timestamp);
  if (watch.insufficientSince !== null && end - watch.insufficientSince >= parameters.insufficientNodesMs)
    terminate(
      state,
      block,
      { cause: 'insufficientNodes', reason: `fewer than ${parameters.minimumActiveNodes} active nodes since ${new Date(watch.insufficientSince).toISOString()}` },
    );
  if (watch.failingSince !== null && end - watch.failingSince >= parameters.failedRoundsMs)
    terminate(
      state,
      block,
      { cause: 'consensusFailure', reason: `more than ${parameters.failedRoundsPercent} % of rounds failed since ${new Date(watch.failingSince).toISOString()}` },
    );
}
