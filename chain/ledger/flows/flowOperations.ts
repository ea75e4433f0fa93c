// Takes the traffic light's signed decisions about flows: each is recomputed from its recorded inputs, as admission verdicts are (ADR 2).
import { evaluateFlow } from '../../../policy/trafficLight/evaluateFlow.js';
import type { AdmissionFacts } from '../../../policy/types.js';
import type { Payloads } from '../../types.js';
import { mustBeTimely, mustEqual, setOf, type VerdictContext } from '../admission/verdictRules.js';
import { verdictDetails } from '../admission/verdictDetails.js';
import type { Effect, Operation, OperationTable } from '../operation.js';

/** Throws Refusal 'StaleVerdict', 'UnknownPolicyHeight', 'StalePolicyHeight' or 'VerdictMismatch'. */
export function mustBeReproducibleFlow({ reader, policy, span }: VerdictContext, { request, verdict }: Payloads['flow.decision']): void {
  mustBeTimely(span, request.time);
  mustEqual(verdict, evaluateFlow(setOf(reader, policy, verdict.policyHeight, span.from), request));
}

function record({ payload, state, block }: Operation<'flow.decision'>): Effect {
  mustBeReproducibleFlow({ reader: state, policy: block.policy, span: { from: block.previousTimestamp, to: block.timestamp } }, payload);
  const { request, verdict } = payload;
  const { data, source, destination, live } = request;
  const asked = { operation: 'FLOW', user: request.requester, requestUid: request.decisionId } as AdmissionFacts;
  const details = { ...verdictDetails(asked, verdict), flow: { ...data, from: source.region, to: destination.region, live } };
  return verdict.decision === 'refuse'
    ? { outcome: 'refused', code: 'RefusedByPolicy', reason: verdict.message, details }
    : { outcome: 'allowed', code: verdict.light, reason: verdict.message, details };
}

export const flowOperations: OperationTable<'flow.decision'> = {
  'flow.decision': {
    roles: ['webhook'],
    object: ({ request: { decisionId, source } }) => ({ kind: 'Flow', namespace: source.namespace.name, name: decisionId, uid: decisionId }),
    execute: record,
  },
};
