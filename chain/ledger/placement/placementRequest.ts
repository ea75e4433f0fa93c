// Decides where an admitted pod runs: the recorded facts are evaluated again under the policies in force, and the node follows from the state (agreement 1.1; design: decision 4).
import { evaluate } from '../../../policy/evaluate.js';
import { place } from '../../../policy/placement/place.js';
import { selects } from '../../../policy/labelSelector.js';
import type { AdmissionFacts, NodeExplanation, PolicySet } from '../../../policy/types.js';
import {
  stateKeys,
  type AdmissionRecord,
  type NodeRecord,
  type ObjectReference,
  type SchedulingDecision,
  type WaitingRecord,
  type WorkloadRecord,
} from '../../types.js';
import { payFee } from '../fees/fees.js';
import { openLease } from '../fees/leases.js';
import { Refusal } from '../ledgerError.js';
import { watchLatency } from '../court/automatic.js';
import { cordonedNodes, mustNotBeHalted } from '../governance/contents/emergency.js';
import { isRemoved } from '../governance/removals.js';
import { allNodes } from '../nodes/nodeOperations.js';
import { applied, type Effect, type Operation } from '../operation.js';
import { nodeParticipant } from '../rewards/participants.js';
import type { Overlay } from '../state.js';
import { terminationOf } from '../termination/termination.js';
import { advanceOwner } from '../workloads/workloadState.js';
import { allocate } from './allocation.js';

type Request = Operation<'placement.request'>;

export function requestPlacement(operation: Request): Effect {
  const { payload, state, block } = operation;
  const decided = state.read<SchedulingDecision>(stateKeys.decision(payload.podUid));
  if (decided) return decidedBefore(decided, payload.specHash);
  mustNotBeTerminated(state);
  mustNotBeHalted(state);
  const admission = mustBeAdmitted(state, payload);
  const facts: AdmissionFacts = { ...admission.facts, time: block.timestamp };
  mustHaveLiveOwner(state, facts);

  const { set } = block.policy;
  const verdict = evaluate(set, facts);
  if (verdict.decision === 'refuse')
    return wait(operation, admission, { outcome: 'refused', code: 'RefusedByPolicy', message: verdict.message, nodes: [] });
  const { node, explanation, message } = place(clusterNodes(state, set, facts.cluster), set, facts);
  if (node === null) return wait(operation, admission, { outcome: 'failed', code: 'Waiting', message, nodes: explanation });
  return decide(operation, admission, { node, message, nodes: explanation });
}

function decidedBefore({ pod, specHash, state, targetNode, height, policyHeight, explanation }: SchedulingDecision, asked: string): Effect {
  if (specHash !== asked) throw new Refusal('SpecChanged', `pod ${pod.namespace}/${pod.name} was placed with spec ${specHash}, not ${asked}`);
  if (state === 'Completed' || state === 'Failed')
    throw new Refusal('AlreadyEnded', `pod ${pod.namespace}/${pod.name} has ${state} on node ${targetNode}; it is not placed again`);
  return applied('AlreadyPlaced', `placed on ${targetNode} at height ${height}`, { node: targetNode, message: explanation.message, policyHeight });
}

/** Agreement 11.1. During the notice work goes on. */
function mustNotBeTerminated(state: Overlay): void {
  const ended = terminationOf(state);
  if (ended?.state === 'Terminated') throw new Refusal('ClusterTerminated', `this cluster was terminated (${ended.cause}: ${ended.reason}); use its successor`);
}

function mustBeAdmitted(state: Overlay, { podUid, specHash }: Request['payload']): AdmissionRecord {
  const admission = state.read<AdmissionRecord>(stateKeys.admission(podUid));
  if (!admission) throw new Refusal('NotAdmitted', `no verdict admitted pod ${podUid}; it must be created through the webhooks`);
  const { object } = admission.facts;
  if (object.specHash !== specHash)
    throw new Refusal('SpecChanged', `pod ${object.namespace}/${object.name} was admitted with spec ${object.specHash}, not ${specHash}`);
  return admission;
}

function mustHaveLiveOwner(state: Overlay, { workload, object }: AdmissionFacts): void {
  if (workload === null) return;
  const owner = `Workload ${object.namespace}/${workload.name}`;
  const record = state.read<WorkloadRecord>(stateKeys.workload(object.namespace, workload.name));
  if (record?.uid !== workload.uid) throw new Refusal('UnknownWorkload', `${owner}, which owns pod ${object.name}, is not registered any more`);
  if (record.state === 'Slashed') throw new Refusal('AlreadyEnded', `${owner}, which owns pod ${object.name}, was slashed`);
}

/** Nodes that the cluster's nodeSelector selects, by the labels the ledger holds of them. */
function clusterNodes(state: Overlay, { clusters }: PolicySet, name: string | null): readonly NodeRecord[] {
  const cluster = clusters.find((registered) => registered.name === name);
  if (!cluster) throw new Refusal('UnknownCluster', `EncCluster ${name}, which admitted the pod, is not registered any more`);
  const cordoned = cordonedNodes(state);
  return allNodes(state).filter(
    (node) => selects(cluster.spec.nodeSelector, node.labels) && !cordoned.has(node.name) && !isRemoved(state, nodeParticipant(node.name)),
  );
}

function podOf({ facts: { object } }: AdmissionRecord): ObjectReference {
  return { kind: 'Pod', namespace: object.namespace, name: object.name, uid: object.uid };
}

interface Waiting {
  outcome: 'refused' | 'failed';
  code: string;
  message: string;
  nodes: NodeExplanation[];
}

/** Not a Refusal: that it waits, and why, is on record. */
function wait({ payload, state, block }: Request, admission: AdmissionRecord, { outcome, code, message, nodes }: Waiting): Effect {
  const waiting: WaitingRecord = { pod: podOf(admission), height: block.height, attempt: payload.attempt, explanation: { message, nodes } };
  state.write(stateKeys.waiting(payload.podUid), waiting);
  return { outcome, code, reason: message, details: { node: null, message, policyHeight: block.policy.set.policyHeight } };
}

function decide(
  { payload, body, state, block }: Request,
  admission: AdmissionRecord,
  { node, message, nodes }: { node: string; message: string; nodes: NodeExplanation[] },
): Effect {
  const { facts, verdictId } = admission;
  const { cpuMillis, memoryBytes, storageBytes } = facts.pod!;
  const { policyHeight } = block.policy.set;
  const decision: SchedulingDecision = {
    workloadId: facts.workload?.uid ?? payload.podUid,
    pod: podOf(admission),
    targetNode: node,
    resourceAllocation: { cpuMillis, memoryBytes, storageBytes },
    specHash: payload.specHash,
    policyHeight,
    verdictId,
    height: block.height,
    time: block.timestamp,
    state: 'Scheduled',
    explanation: { message, nodes },
  };
  payFee(state, body.sender, 'scheduling', block.parameters.schedulingFee);
  allocate(state, node, decision.resourceAllocation);
  openLease(state, block, { podUid: payload.podUid, payer: body.sender, bytes: storageBytes });
  state.write(stateKeys.decision(payload.podUid), decision);
  advanceOwner(state, block.height, ownerOf(facts), 'Scheduled');
  // What had to wait for a node or a policy was not late by anybody's fault.
  const waited = state.read(stateKeys.waiting(payload.podUid)) !== undefined;
  if (waited) state.remove(stateKeys.waiting(payload.podUid));
  const breach = waited ? undefined : watchLatency(state, block, { operator: body.sender, podUid: payload.podUid, ms: block.timestamp - facts.time });
  return applied('Placed', message, { node, message, policyHeight, ...(breach === undefined ? {} : { breach }) });
}

export function ownerOf({ workload, object: { namespace } }: AdmissionFacts): { namespace: string; name: string; uid: string } | null {
  return workload && { namespace, name: workload.name, uid: workload.uid };
}
