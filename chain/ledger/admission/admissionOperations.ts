// Takes the webhooks' signed verdicts: each is recomputed, an allowed pod is remembered until its placement is released (ADR 2).
import { stateKeys, type AdmissionRecord, type Payloads, type SchedulingDecision } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import type { Effect, Operation, OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';
import { verdictDetails } from './verdictDetails.js';
import { mustBeReproducible } from './verdictRules.js';

type VerdictPayload = Payloads['admission.verdict'];

function record({ id, payload, state, block }: Operation<'admission.verdict'>): Effect {
  const { facts, verdict } = payload;
  mustBeReproducible({ reader: state, policy: block.policy, span: { from: block.previousTimestamp, to: block.timestamp } }, payload);
  const details = verdictDetails(facts, verdict);
  if (facts.operation === 'BIND') mustAgreeWithDecision(state, payload);
  if (verdict.decision === 'refuse') {
    const byGuard = verdict.violations[0]?.kind === 'Guard';
    return { outcome: 'refused', code: byGuard ? 'RefusedByGuard' : 'RefusedByPolicy', reason: verdict.message, details };
  }
  const code = isPodAdmission(payload) ? admit(state, block.height, id, payload) : 'Allowed';
  return { outcome: 'allowed', code, reason: verdict.message, details };
}

function isPodAdmission({ facts }: VerdictPayload): boolean {
  return facts.operation === 'CREATE' && facts.object.kind === 'Pod' && facts.pod !== null && facts.cluster !== null;
}

/** The API server may ask twice about one pod: the first admission stands. */
function admit(state: Overlay, height: number, verdictId: string, { facts, verdict }: VerdictPayload): string {
  const key = stateKeys.admission(facts.object.uid);
  if (state.read<AdmissionRecord>(key)) return 'AlreadyAdmitted';
  state.write(key, { facts, policyHeight: verdict.policyHeight, verdictId, height } satisfies AdmissionRecord);
  return 'Admitted';
}

/** A binding is allowed only for a pod that is placed (design: nothing skips a step). */
function mustAgreeWithDecision(state: Overlay, { facts: { object }, verdict }: VerdictPayload): void {
  const decision = state.read<SchedulingDecision>(stateKeys.decision(object.uid));
  const placed = decision?.pod.namespace === object.namespace && decision.pod.name === object.name && decision.specHash === object.specHash;
  const open = placed && (decision.state === 'Scheduled' || decision.state === 'Running');
  if (verdict.decision === 'allow' && !open)
    throw new Refusal(
      'DecisionMismatch',
      `a binding of pod ${object.namespace}/${object.name} (uid ${object.uid}) was allowed, but no placement of it is in force`,
    );
}

export const admissionOperations: OperationTable<'admission.verdict'> = {
  'admission.verdict': {
    roles: ['webhook'],
    object: ({ facts: { object } }) => ({ kind: object.kind, namespace: object.namespace, name: object.name, uid: object.uid }),
    execute: record,
  },
};
