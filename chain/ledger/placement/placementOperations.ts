// Placements: asked for, decided, followed to their end, and released with what they took of their node (agreement 1.1, 1.3).
import { stateKeys, type AdmissionRecord, type ObjectReference, type SchedulingDecision } from '../../types.js';
import { watchRecovery } from '../court/serviceLevels.js';
import { closeLease } from '../fees/leases.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import { lostFor } from '../nodes/liveness.js';
import { nodeParticipant } from '../rewards/participants.js';
import { recordAnswer } from '../rewards/rewardOperations.js';
import type { Overlay } from '../state.js';
import { advanceOwner, ownerOf } from '../workloads/workloadState.js';
import { release } from './allocation.js';
import { forgetNomination } from './nominated.js';
import { forgetPlaced } from './placedPods.js';
import { requestPlacement } from './placementRequest.js';
import { leaveGroup } from './podGroup.js';
import { preempt } from './preempt.js';

type Transition = Operation<'placement.transition'>;

/** A short run may be over before it was seen running, so Scheduled may end at once. */
const NEXT: Readonly<Record<SchedulingDecision['state'], readonly SchedulingDecision['state'][]>> = {
  Scheduled: ['Running', 'Completed', 'Failed'],
  Running: ['Completed', 'Failed'],
  Completed: [],
  Failed: [],
};
const holdsResources = ({ state }: SchedulingDecision) => NEXT[state].length > 0;

function move(operation: Transition): Effect {
  const { payload, state, block } = operation;
  const { podUid, to, reason } = payload;
  if (to === 'Released') return releasePod(state, block, operation.body.sender, payload);
  const decision = state.read<SchedulingDecision>(stateKeys.decision(podUid));
  if (!decision) throw new Refusal('NotPlaced', `pod ${podUid} is not placed, so it cannot be ${to}`);
  const { pod, targetNode, state: from } = decision;
  const name = `pod ${pod.namespace}/${pod.name}`;
  if (from === to) return applied('Unchanged', `${name} was ${to} already`);
  if (!NEXT[from].includes(to))
    throw new Refusal(
      'IllegalTransition',
      `${name} cannot go from ${from} to ${to}; from ${from} it can go to ${NEXT[from].join(', ') || 'Released'}`,
    );

  const moved: SchedulingDecision = { ...decision, state: to };
  if (to === 'Running') recordAnswer(state, block, nodeParticipant(targetNode), block.timestamp - decision.time);
  if (!holdsResources(moved)) {
    release(state, targetNode, decision.resourceAllocation);
    forgetPlaced(state, podUid);
    closeLease(state, block, podUid);
  }
  state.write(stateKeys.decision(podUid), moved);
  if (to !== 'Failed') advanceOwner(state, block.height, ownerOf(state.read<AdmissionRecord>(stateKeys.admission(podUid))!.facts), 'Running');
  return applied(to, `${name} on node ${targetNode} went from ${from} to ${to}${reason && `: ${reason}`}`, { node: targetNode, from, to });
}

/** The pod is gone: what it took is free again, and its admission is over. */
function releasePod(state: Overlay, block: BlockContext, operator: string, { podUid, reason }: Transition['payload']): Effect {
  const decision = state.read<SchedulingDecision>(stateKeys.decision(podUid));
  const records = [stateKeys.decision(podUid), stateKeys.admission(podUid), stateKeys.waiting(podUid)].filter((key) => state.read(key) !== undefined);
  if (records.length === 0) return applied('Absent', `pod ${podUid} is neither admitted nor placed`);
  if (decision && holdsResources(decision)) release(state, decision.targetNode, decision.resourceAllocation);
  const slaCase = decision && holdsResources(decision) ? recoveredLate(state, block, operator, decision.targetNode) : undefined;
  const admission = state.read<AdmissionRecord>(stateKeys.admission(podUid));
  if (admission) leaveGroup(state, admission);
  forgetPlaced(state, podUid);
  forgetNomination(state, podUid);
  closeLease(state, block, podUid);
  for (const key of records) state.remove(key);
  const from = decision ? `, was ${decision.state} on node ${decision.targetNode}` : ', was never placed';
  return applied(
    'Released',
    `pod ${podUid} is released${from}${reason && `: ${reason}`}`,
    decision ? { node: decision.targetNode, from: decision.state, ...(slaCase === undefined ? {} : { slaCase }) } : undefined,
  );
}

/** Agreement 6.1: failure_recovery. */
function recoveredLate(state: Overlay, block: BlockContext, operator: string, node: string): string | undefined {
  const ms = lostFor(state, block, node);
  return ms === undefined ? undefined : watchRecovery(state, block, { operator, node, ms });
}

function podObject({ podUid }: { podUid: string }, state: Overlay): ObjectReference {
  const admitted = state.read<AdmissionRecord>(stateKeys.admission(podUid))?.facts.object;
  return { kind: 'Pod', namespace: admitted?.namespace ?? '', name: admitted?.name ?? podUid, uid: podUid };
}

export const placementOperations: OperationTable<'placement.request' | 'placement.transition' | 'placement.preempt'> = {
  'placement.request': { roles: ['operator'], object: podObject, fee: ({ schedulingFee }) => schedulingFee, execute: requestPlacement },
  'placement.transition': { roles: ['operator'], object: podObject, execute: move },
  'placement.preempt': { roles: ['operator'], object: ({ victimUid }, state) => podObject({ podUid: victimUid }, state), execute: preempt },
};
