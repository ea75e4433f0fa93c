// Decides where an admitted pod runs, or records why it waits (agreement 1.1; design: decision 4).
import { stateKeys, type AdmissionRecord, type SchedulingDecision, type WaitingRecord } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import { applied, type Effect, type Operation } from '../operation.js';
import { mustNotBeHalted } from '../governance/contents/emergency.js';
import type { Overlay } from '../state.js';
import { terminationOf } from '../termination/termination.js';
import { choose, type Choice } from './choose.js';
import { decide, podOf } from './decide.js';
import { forgetNomination, nominate } from './nominated.js';
import { placeGroup } from './podGroup.js';

type Request = Operation<'placement.request'>;

export function requestPlacement(operation: Request): Effect {
  const { payload, state, block, body: { sender } } = operation;
  const decided = state.read<SchedulingDecision>(stateKeys.decision(payload.podUid));
  if (decided) return decidedBefore(decided, payload.specHash);
  mustNotBeTerminated(state);
  mustNotBeHalted(state);
  const admission = mustBeAdmitted(operation);
  const { policyHeight } = block.policy.set;
  if (admission.facts.pod!.constraints?.group) {
    const { placed, choice } = placeGroup(state, block, sender, admission);
    if (choice.node === null) return wait(operation, admission, choice);
    return applied('Placed', `${choice.message}; with all of its group`, { node: choice.node, message: choice.message, policyHeight, group: placed });
  }
  const choice = choose(state, block, admission);
  const { node, message } = choice;
  if (node === null) return wait(operation, admission, choice);
  const breach = decide(state, block, sender, admission, { ...choice, node });
  return applied('Placed', message, { node, message, policyHeight, ...(breach === undefined ? {} : { breach }) });
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

function mustBeAdmitted({ state, payload: { podUid, specHash } }: Request): AdmissionRecord {
  const admission = state.read<AdmissionRecord>(stateKeys.admission(podUid));
  if (!admission) throw new Refusal('NotAdmitted', `no verdict admitted pod ${podUid}; it must be created through the webhooks`);
  const { object } = admission.facts;
  if (object.specHash !== specHash)
    throw new Refusal('SpecChanged', `pod ${object.namespace}/${object.name} was admitted with spec ${object.specHash}, not ${specHash}`);
  return admission;
}

/** Not a Refusal: that it waits, and why, is on record. */
function wait({ payload, state, block }: Request, admission: AdmissionRecord, { refused, message, nodes, preemption }: Choice): Effect {
  const waiting: WaitingRecord = {
    pod: podOf(admission),
    height: block.height,
    attempt: payload.attempt,
    explanation: { message, nodes },
    ...(preemption ? { preemption } : {}),
  };
  state.write(stateKeys.waiting(payload.podUid), waiting);
  if (preemption) nominate(state, admission.facts, preemption.node);
  else forgetNomination(state, payload.podUid);
  const details = { node: null, message, policyHeight: block.policy.set.policyHeight, ...(preemption ? { preemption } : {}) };
  return { outcome: refused ? 'refused' : 'failed', code: refused ? 'RefusedByPolicy' : 'Waiting', reason: message, details };
}
