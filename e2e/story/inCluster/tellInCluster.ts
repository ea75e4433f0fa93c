// The story in a cluster that others use: every fact that needs neither another's key nor a program to be killed, each told on its own, and nothing left of it.
import { Refused, type StoryKind } from '../clusterAccess.js';
import { isUntold, type CertifiedReceipt, type Fact, type Told } from '../fact.js';
import { placementIsExplained, tenantIsReportedOn, verdictIsDecidedAgain } from '../facts/accounting.js';
import { endedAgreementLetsNothingIn } from '../facts/agreementEnd.js';
import { handMadeBindingIsRefused, presetNodeNameIsRefused, waitingPodIsExplained } from '../facts/bypasses.js';
import { connectionIsTerminated, runningWorkloadIsMoved } from '../facts/enforcement.js';
import { agreementIsDeployed, clusterRegisters, policiesBecomeActive } from '../facts/foundations.js';
import { changedReceiptFails, receiptVerifiesOffline } from '../facts/offline.js';
import { restrictedWorkloadRunsInTheEu, usWorkloadIsRefused, yellowFlowIsAdmitted } from '../facts/placement.js';
import { foreignMembers } from './foreignMembers.js';
import type { InClusterStory } from './open.js';

/** Beyond the agreement's own time. */
const GONE_WITHIN_MS = 90_000;

interface Telling {
  title: string;
  /** Why it cannot be told here; '' where it can. */
  lacks?: (story: InClusterStory) => string;
  /** Title of an earlier one that it goes on from. */
  after?: string;
  tell: (story: InClusterStory, receipt: CertifiedReceipt) => Promise<Fact>;
}

const needsNode = ({ regions }: InClusterStory) =>
  regions.length > 0 ? '' : 'no node is committed, so nothing is placed (label one, see helm status)';
const needsTwoRegions = (story: InClusterStory) =>
  needsNode(story) || (new Set(story.regions).size > 1 ? '' : `all committed nodes are in ${story.home}: a pod is moved from one region to another`);

const PLACED = 'a workload is placed and runs';
const REFUSED = 'a workload is refused';
const VERIFIES = 'a receipt verifies offline';
const FLOWS = 'a flow is admitted under obligations';

/** In this order; policies come before the agreement that names them, its end last. */
const tellings = (agreementMs: number): Telling[] => [
  { title: 'the cluster registers', tell: clusterRegisters },
  { title: 'policies become active', tell: policiesBecomeActive },
  { title: 'an agreement is deployed', tell: agreementIsDeployed },
  { title: PLACED, lacks: needsNode, tell: restrictedWorkloadRunsInTheEu },
  { title: REFUSED, tell: usWorkloadIsRefused },
  { title: 'a preset node is refused', tell: presetNodeNameIsRefused },
  { title: 'a hand-made binding is refused', tell: handMadeBindingIsRefused },
  { title: FLOWS, lacks: needsNode, tell: yellowFlowIsAdmitted },
  { title: 'a waiting pod is explained', tell: waitingPodIsExplained },
  { title: 'a placement is explained', lacks: needsNode, after: PLACED, tell: placementIsExplained },
  { title: VERIFIES, after: REFUSED, tell: receiptVerifiesOffline },
  { title: 'a changed receipt does not verify', after: VERIFIES, tell: changedReceiptFails },
  { title: 'a verdict is decided again', after: REFUSED, tell: verdictIsDecidedAgain },
  { title: 'a running workload is moved', lacks: needsTwoRegions, tell: runningWorkloadIsMoved },
  { title: 'a connection is cut', lacks: needsNode, after: FLOWS, tell: connectionIsTerminated },
  { title: 'the tenant is reported on', lacks: needsNode, after: PLACED, tell: tenantIsReportedOn },
  { title: "the agreement's end", tell: (story) => endedAgreementLetsNothingIn(story, agreementMs + 30_000) },
];

/** A refusal that is (also) by policies which others have in this cluster is theirs to make: no fact is wrong, it cannot be shown here. */
function ended(story: InClusterStory, title: string, error: unknown): Told {
  const reason = error instanceof Error ? error.message : String(error);
  const theirs = error instanceof Refused ? foreignMembers(reason, story.client.policySet(), story.namespace) : [];
  return theirs.length === 0 ? { title, leftOut: false, reason } : { title, leftOut: true, reason: `this cluster's own ${theirs.join(', ')} would not let it in: ${reason}` };
}

export async function tellInCluster(story: InClusterStory, agreementMs: number, told: (number: number, fact: Told) => void): Promise<Told[]> {
  const known = new Map<string, Told>();
  for (const { title, lacks, after, tell } of tellings(agreementMs)) {
    const before = after === undefined ? undefined : known.get(after)!;
    const missing = (lacks?.(story) ?? '') || (before && isUntold(before) ? `it goes on from "${after}"` : '');
    // Where it goes on from nothing, no receipt is looked at.
    const receipt = (before as Fact | undefined)?.receipt as CertifiedReceipt;
    const fact: Told = missing === '' ? await tell(story, receipt).catch((error: unknown) => ended(story, title, error)) : { title, leftOut: true, reason: missing };
    known.set(title, fact);
    told(known.size, fact);
  }
  return [...known.values()];
}

const WORKLOAD_KINDS: StoryKind[] = ['Workload', 'Pod'];
/** Of the examples, in the order in which the chain lets them go. */
const CLUSTER_WIDE: [StoryKind, string[]][] = [
  ['Agreement', ['payments-agreement']],
  ['BisoPolicy', ['cluster-resource-limits', 'geographic-data-sovereignty', 'encryption-in-transit', 'public-reports-place', 'analytics-mutual-tls']],
  ['TrafficRule', ['eu-to-eu', 'eu-to-us-internal', 'restricted-to-us']],
  ['EncCluster', ['eu-cluster']],
];

/** Rejects when something of it is still there: an agreement in force, for instance, that binds its policies until it ends. */
export async function forgetStory({ access, named }: InClusterStory, agreementMs: number): Promise<void> {
  for (const kind of WORKLOAD_KINDS) await access.removeAll(kind);
  for (const [kind, names] of CLUSTER_WIDE) await Promise.all(names.map((name) => access.remove(kind, named(name), agreementMs + GONE_WITHIN_MS)));
}
