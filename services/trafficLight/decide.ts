// Decides on a flow and, where it is asked for, has the decision taken by f+1 validators before it is answered.
import { setTimeout as sleep } from 'node:timers/promises';
import { ChainError } from '../../chain/client/chainError.js';
import type { ChainClient } from '../../chain/client/types.js';
import { evaluateFlow, type FlowRequest } from '../../policy/trafficLight/evaluateFlow.js';
import type { Verdict } from '../../policy/types.js';

/** The plan's TrafficLightDecision, in JSON. */
export interface Decision {
  decisionId: string;
  state: Verdict['light'];
  allowed: boolean;
  message: string;
  policyHeight: number;
  complianceStatus: Verdict['legal'];
  policyResult: { violations: Verdict['violations']; evaluated: Verdict['evaluated']; rule: string };
  obligations: Verdict['obligations'];
  /** What a violation leads to; null when there is none. */
  enforcementAction: string | null;
  exceptions: NonNullable<Verdict['exceptions']>;
  without: Verdict['without'] | null;
  /** The inputs, so that anyone can decide again: kubectl enc and the ledger give the same. */
  request: FlowRequest;
  /** Of the decision's receipt on the chain, and how many validators vouched for it; null when it was not recorded. */
  recorded: { receiptId: string; acknowledgements: number } | null;
}

const POLICY_RACE = new Set(['VerdictMismatch', 'UnknownPolicyHeight', 'StalePolicyHeight']);
const ATTEMPTS = 3;
const RACE_PAUSE_MS = 50;

export interface Deciding {
  client: Pick<ChainClient, 'policySet' | 'submit'>;
  /** Tells how long the decision itself took, ms. */
  took: (milliseconds: number) => void;
}

function decisionOf(request: FlowRequest, verdict: Verdict, recorded: Decision['recorded']): Decision {
  const refusing = verdict.violations.find(({ action }) => action !== 'audit');
  return {
    decisionId: request.decisionId,
    state: verdict.light,
    allowed: verdict.decision === 'allow',
    message: verdict.message,
    policyHeight: verdict.policyHeight,
    complianceStatus: verdict.legal,
    policyResult: { violations: verdict.violations, evaluated: verdict.evaluated, rule: verdict.flows[0]?.rule ?? '' },
    obligations: verdict.obligations,
    enforcementAction: refusing?.action ?? null,
    exceptions: verdict.exceptions ?? [],
    without: verdict.without ?? null,
    request,
    recorded,
  };
}

/** Throws ChainError when a decision that is to be recorded cannot be: then there is none. */
export async function decide(request: FlowRequest, record: boolean, { client, took }: Deciding): Promise<Decision> {
  for (let attempt = 1; ; attempt++) {
    const began = performance.now();
    const verdict = evaluateFlow(client.policySet(), request);
    took(performance.now() - began);
    if (!record) return decisionOf(request, verdict, null);
    try {
      const { receiptId, acknowledgements } = await client.submit('flow.decision', { request, verdict });
      return decisionOf(request, verdict, { receiptId, acknowledgements: acknowledgements.length });
    } catch (error) {
      const raced = error instanceof ChainError && error.code === 'Refused' && POLICY_RACE.has(error.details.refusal?.code ?? '');
      if (!raced || attempt === ATTEMPTS) throw error;
      await sleep(RACE_PAUSE_MS);
    }
  }
}
