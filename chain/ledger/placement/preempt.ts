// A pod gives way to one of higher priority: only as the ledger itself decided when the other was found to wait; its receipt is the victim's.
import { stateKeys, type AdmissionRecord, type SchedulingDecision, type WaitingRecord } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import { applied, type Effect, type Operation } from '../operation.js';

/** What the pod held is free when it is gone, not before. Throws Refusal. */
export function preempt({ payload: { podUid, victimUid }, state }: Operation<'placement.preempt'>): Effect {
  const waiting = state.read<WaitingRecord>(stateKeys.waiting(podUid));
  if (!waiting?.preemption?.victims.includes(victimUid))
    throw new Refusal('NotAVictim', `no waiting pod ${podUid} was decided to take the place of pod ${victimUid}; ask for its placement again`);
  const victim = state.read<SchedulingDecision>(stateKeys.decision(victimUid));
  if (victim?.state !== 'Scheduled' && victim?.state !== 'Running') return applied('Unchanged', `pod ${victimUid} holds no resources any more`);
  if (victim.preemptedBy === podUid) return applied('Unchanged', `pod ${victimUid} gives way to it already`);
  state.write(stateKeys.decision(victimUid), { ...victim, preemptedBy: podUid } satisfies SchedulingDecision);
  const { priority } = state.read<AdmissionRecord>(stateKeys.admission(podUid))!.facts.pod!;
  const by = `${waiting.pod.namespace}/${waiting.pod.name}`;
  return applied('Preempted', `pod ${victim.pod.namespace}/${victim.pod.name} on node ${victim.targetNode} gives way to pod ${by} of priority ${priority}`, {
    node: victim.targetNode,
    preemptedBy: podUid,
  });
}
