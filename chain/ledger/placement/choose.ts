// Where an admitted pod would run now: the recorded facts are evaluated again under the policies in force, and the node follows from the state.
import { evaluate } from '../../../policy/evaluate.js';
import { selects } from '../../../policy/labelSelector.js';
import { place } from '../../../policy/placement/place.js';
import { preemption, type Preemption } from '../../../policy/placement/preempt.js';
import { refusedAnywhere } from '../../../policy/placement/refusals.js';
import type { AdmissionFacts, NodeExplanation, PolicySet } from '../../../policy/types.js';
import { stateKeys, type AdmissionRecord, type NodeRecord, type WorkloadRecord } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import { cordonedNodes } from '../governance/contents/emergency.js';
import { removedSubjects } from '../governance/removals.js';
import { allNodes } from '../nodes/nodeOperations.js';
import type { BlockContext } from '../operation.js';
import { nodeParticipant } from '../rewards/participants.js';
import type { Overlay } from '../state.js';
import { withoutNominated } from './nominated.js';
import { placedPods, repellingPods } from './placedPods.js';

export interface Choice {
  /** null: it waits, or is refused. */
  node: string | null;
  refused: boolean;
  message: string;
  nodes: NodeExplanation[];
  preemption?: Preemption;
}

/** Nodes that the cluster's nodeSelector selects, by the labels the ledger holds of them. */
function clusterNodes(state: Overlay, { clusters }: PolicySet, name: string | null): readonly NodeRecord[] {
  const cluster = clusters.find((registered) => registered.name === name);
  if (!cluster) throw new Refusal('UnknownCluster', `EncCluster ${name}, which admitted the pod, is not registered any more`);
  const cordoned = cordonedNodes(state);
  const removed = removedSubjects(state);
  return allNodes(state).filter((node) => selects(cluster.spec.nodeSelector, node.labels) && !cordoned.has(node.name) && (removed.size === 0 || !removed.has(nodeParticipant(node.name))));
}

function mustHaveLiveOwner(state: Overlay, { workload, object }: AdmissionFacts): void {
  if (workload === null) return;
  const owner = `Workload ${object.namespace}/${workload.name}`;
  const record = state.read<WorkloadRecord>(stateKeys.workload(object.namespace, workload.name));
  if (record?.uid !== workload.uid) throw new Refusal('UnknownWorkload', `${owner}, which owns pod ${object.name}, is not registered any more`);
  if (record.state === 'Slashed') throw new Refusal('AlreadyEnded', `${owner}, which owns pod ${object.name}, was slashed`);
}

/** Throws Refusal. */
export function choose(state: Overlay, block: BlockContext, admission: AdmissionRecord): Choice {
  const facts: AdmissionFacts = { ...admission.facts, time: block.timestamp };
  mustHaveLiveOwner(state, facts);
  const { set } = block.policy;
  if (refusedAnywhere(set, facts)) return { node: null, refused: true, message: evaluate(set, facts).message, nodes: [] };
  const nodes = withoutNominated(state, clusterNodes(state, set, facts.cluster), facts);
  const { node, message, explanation } = place(nodes, set, facts, { placed: () => placedPods(state), repelling: repellingPods(state) });
  const choice = { node, refused: false, message, nodes: explanation };
  if (node !== null || facts.pod!.priority <= 0) return choice;
  const instead = preemption(nodes, set, facts, placedPods(state));
  if (!instead) return choice;
  const { victims } = instead;
  return { ...choice, message: `${message}; takes the place of ${victims.length} ${victims.length === 1 ? 'pod' : 'pods'} of lower priority on ${instead.node}`, preemption: instead };
}
