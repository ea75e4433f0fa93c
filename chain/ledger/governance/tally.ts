// Counts a vote: of the validators in force when it is counted, each once (agreement 5.2).
import type { ProposalKind, Tally } from '../../governanceTypes.js';
import { quorum } from '../../../receipts/quorum.js';
import type { ValidatorSet } from '../../../receipts/types.js';
import type { Parameters } from '../parameters/parameters.js';

export type Threshold = 'majority' | 'twoThirds' | 'threeQuarters';
interface VotingRule {
  section: string;
  threshold: Threshold;
  /** Between the vote's close and its effect, ms. Where there is none, the vote that decides closes it. */
  timelock: (parameters: Parameters) => number;
}

const at5 = (section: string, threshold: Threshold, timelock: VotingRule['timelock'] = () => 0): VotingRule => ({ section, threshold, timelock });
export const VOTING_RULES: Readonly<Record<ProposalKind, VotingRule>> = {
  ProtocolUpgrade: at5('5.2', 'twoThirds', ({ upgradeTimelockMs }) => upgradeTimelockMs),
  SecurityPatch: at5('5.3', 'threeQuarters'),
  EconomicParameter: at5('5.2', 'twoThirds', ({ parameterTimelockMs }) => parameterTimelockMs),
  NodeAddition: at5('5.2', 'majority'),
  NodeRemoval: at5('5.2', 'twoThirds'),
  Emergency: at5('5.2', 'threeQuarters'),
  EmergencyConfirmation: at5('5.2', 'twoThirds'),
  PolicyChange: at5('5.3', 'twoThirds', ({ parameterTimelockMs }) => parameterTimelockMs),
  Termination: at5('11.1', 'twoThirds'),
};

/** Of n validators: more than half; the quorum of consensus; at least three quarters. */
export function neededVotes(threshold: Threshold, { validators, quorumPercent }: ValidatorSet): number {
  const n = validators.length;
  if (threshold === 'majority') return Math.floor(n / 2) + 1;
  return threshold === 'twoThirds' ? quorum(n, quorumPercent) : Math.ceil((3 * n) / 4);
}

/** Votes of those who are no validators any more do not count. */
export function tallyOf(votes: Readonly<Record<string, boolean>>, threshold: Threshold, set: ValidatorSet): Tally {
  const given = set.validators.map(({ ed25519PublicKey }) => votes[ed25519PublicKey]).filter((vote) => vote !== undefined);
  const approve = given.filter(Boolean).length;
  return { approve, reject: given.length - approve, validators: set.validators.length, needed: neededVotes(threshold, set) };
}
