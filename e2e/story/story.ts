// The story of `make up`, in order: facts, each done for real and each able to fail.
import { attempted } from './attempts.js';
import type { CertifiedReceipt, Fact, LocalStory, StoryContext } from './fact.js';
import { placementIsExplained, tenantIsReportedOn, verdictIsDecidedAgain } from './facts/accounting.js';
import { handMadeBindingIsRefused, presetNodeNameIsRefused } from './facts/bypasses.js';
import { slashIsReversed } from './facts/court.js';
import { agreementIsDeployed, clusterRegisters, policiesBecomeActive } from './facts/foundations.js';
import { parameterChangesAfterItsTimelock } from './facts/governance.js';
import { changedReceiptFails, receiptVerifiesOffline } from './facts/offline.js';
import { connectionIsTerminated, runningWorkloadIsMoved, STORY_POLICIES } from './facts/enforcement.js';
import { restrictedWorkloadRunsInTheEu, usWorkloadIsRefused, yellowFlowIsAdmitted } from './facts/placement.js';

/** What an earlier telling left would be found unchanged, and so not be asked about again. */
export async function forgetWorkloads({ access, named }: StoryContext): Promise<void> {
  await access.removeAll('Workload');
  await access.removeAll('Pod');
  for (const policy of STORY_POLICIES) await access.remove('BisoPolicy', named(policy));
}

/** Runs every fact and hands each over as it is known. Policies come before the agreement that names them. */
export async function runStory(
  story: LocalStory,
  told: (number: number, fact: Fact) => void,
  /** Those that wait for votes, ballots and timelocks: only a trial network has days that short; `attempts`: of each, for votes and ballots are due within seconds. */
  { waits = story.genesis.economy?.trialDayMs !== undefined, attempts = 1 } = {},
): Promise<Fact[]> {
  const facts: Fact[] = [];
  const tell = async (fact: Promise<Fact>): Promise<Fact> => {
    const known = await fact;
    facts.push(known);
    told(facts.length, known);
    return known;
  };
  await forgetWorkloads(story);
  await tell(clusterRegisters(story));
  // They wait for votes, ballots and timelocks while the rest is told.
  const waiting = waits ? [slashIsReversed, parameterChangesAfterItsTimelock].map((fact) => attempted(attempts, () => fact(story))) : [];
  for (const begun of waiting) begun.catch(() => undefined);
  await tell(policiesBecomeActive(story));
  const moved = runningWorkloadIsMoved(story);
  moved.catch(() => undefined);
  await tell(agreementIsDeployed(story));
  const placed = await tell(restrictedWorkloadRunsInTheEu(story));
  const refusal = await tell(usWorkloadIsRefused(story));
  await tell(presetNodeNameIsRefused(story));
  await tell(handMadeBindingIsRefused(story));
  await tell(yellowFlowIsAdmitted(story));
  await tell(moved);
  await tell(connectionIsTerminated(story));
  await tell(receiptVerifiesOffline(story, refusal.receipt as CertifiedReceipt));
  await tell(changedReceiptFails(story));
  for (const begun of waiting) await tell(begun);
  await tell(placementIsExplained(story, placed.receipt as CertifiedReceipt));
  await tell(verdictIsDecidedAgain(story, refusal.receipt as CertifiedReceipt));
  await tell(tenantIsReportedOn(story));
  return facts;
}
