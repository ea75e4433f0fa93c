// Writes the decision that places a pod, with what follows from it: the fee, the node's resources, the lease of its storage, its owner's state (agreement 1.1, 1.3).
import { stateKeys, type AdmissionRecord, type ObjectReference, type SchedulingDecision } from '../../types.js';
import { watchLatency } from '../court/serviceLevels.js';
import { payFee } from '../fees/fees.js';
import { openLease } from '../fees/leases.js';
import { payerOf } from '../fees/tenants.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';
import { advanceOwner, ownerOf } from '../workloads/workloadState.js';
import { allocate } from './allocation.js';
import type { Choice } from './choose.js';
import { forgetNomination } from './nominated.js';
import { recordPlaced } from './placedPods.js';

export function podOf({ facts: { object } }: AdmissionRecord): ObjectReference {
  return { kind: 'Pod', namespace: object.namespace, name: object.name, uid: object.uid };
}

/** For who asks (an account); its tenant pays where it has one. What became of the service level, when the decision came late. */
export function decide(state: Overlay, block: BlockContext, asker: string, admission: AdmissionRecord, { node, message, nodes }: Choice & { node: string }): ReturnType<typeof watchLatency> {
  const { facts, verdictId } = admission;
  const { uid, specHash } = facts.object;
  const { cpuMillis, memoryBytes, storageBytes, constraints: { extended } = {} } = facts.pod!;
  const decision: SchedulingDecision = {
    workloadId: facts.workload?.uid ?? uid,
    pod: podOf(admission),
    targetNode: node,
    resourceAllocation: { cpuMillis, memoryBytes, storageBytes, ...(extended ? { extended } : {}) },
    specHash,
    policyHeight: block.policy.set.policyHeight,
    verdictId,
    height: block.height,
    time: block.timestamp,
    state: 'Scheduled',
    explanation: { message, nodes },
  };
  const payer = payerOf(state, facts.object.namespace, asker);
  payFee(state, payer, 'scheduling', block.parameters.schedulingFee);
  allocate(state, node, decision.resourceAllocation);
  recordPlaced(state, facts, node);
  forgetNomination(state, uid);
  openLease(state, block, { podUid: uid, payer, bytes: storageBytes });
  state.write(stateKeys.decision(uid), decision);
  advanceOwner(state, block.height, ownerOf(facts), 'Scheduled');
  // What had to wait for a node or a policy was not late by anybody's fault.
  if (state.read(stateKeys.waiting(uid)) === undefined) return watchLatency(state, block, { operator: asker, podUid: uid, ms: block.timestamp - facts.time });
  state.remove(stateKeys.waiting(uid));
  return undefined;
}
