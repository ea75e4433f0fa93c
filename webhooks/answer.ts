// Answers one review: parse → gather facts → decide → record with f+1 validators → answer. Whatever goes wrong on the way refuses.
import { randomUUID } from 'node:crypto';
import { ChainError } from '../chain/client/chainError.js';
import { evaluate } from '../policy/evaluate.js';
import type { AdmissionFacts, Verdict } from '../policy/types.js';
import { allowQuietly, type AdmissionAnswer, type AdmissionRequest } from './admission/review.js';
import type { CheckContext } from './checks/check.js';
import { registrationFor } from './registry.js';

/** Codes with which validators refuse a verdict because their policies moved on meanwhile. */
const POLICY_RACE = new Set(['VerdictMismatch', 'UnknownPolicyHeight', 'StalePolicyHeight']);
const RACE_PAUSE_MS = 100;

export interface Answered {
  answer: AdmissionAnswer;
  /** For metrics and logs. */
  decision: 'allowed' | 'refused' | 'failed' | 'not-concerned';
  code: string;
  receiptId?: string;
}

function answerOf(facts: AdmissionFacts, verdict: Verdict, receiptId: string | null): AdmissionAnswer {
  const reference = receiptId === null ? 'dry run: no receipt' : `receipt ${receiptId}`;
  const allowed = verdict.decision === 'allow';
  return {
    allowed,
    message: `${verdict.message} (${reference})`,
    status: facts.guards.some(({ name }) => name === 'InvalidField') ? 422 : 403,
    warnings: allowed && verdict.warnings.length > 0 ? [...verdict.warnings, reference] : [],
    auditAnnotations: {
      verdict: verdict.decision,
      light: verdict.light,
      'policy-height': String(verdict.policyHeight),
      policies: [...new Set(verdict.violations.map(({ kind, name }) => `${kind}/${name}`))].join(','),
      'receipt-id': receiptId ?? 'none (dry run)',
    },
  };
}

async function record(context: CheckContext, facts: AdmissionFacts): Promise<{ verdict: Verdict; receiptId: string }> {
  for (let attempt = 0; ; attempt++) {
    const verdict = evaluate(context.client.policySet(), facts);
    try {
      const { receiptId } = await context.client.submit('admission.verdict', { facts, verdict });
      return { verdict, receiptId };
    } catch (error) {
      const raced = error instanceof ChainError && POLICY_RACE.has(error.details.refusal?.code ?? '');
      if (!raced || attempt > 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, RACE_PAUSE_MS));
    }
  }
}

function failure(error: unknown): Answered {
  const refusing = { allowed: false, warnings: [], auditAnnotations: {} };
  if (error instanceof ChainError) {
    const { refusal } = error.details;
    const why = refusal ? `validators refused the verdict: ${refusal.code}: ${refusal.message}` : error.message;
    return { answer: { ...refusing, status: 503, message: `refused, because no quorum could be asked: ${why}; try again when the validators answer` }, decision: 'failed', code: error.code };
  }
  const errorId = randomUUID();
  const detail = error instanceof Error ? error.message : String(error);
  return { answer: { ...refusing, status: 500, message: `refused, because the check failed (error ${errorId}): ${detail}` }, decision: 'failed', code: `InternalError ${errorId}` };
}

export async function answerValidating(request: AdmissionRequest, context: CheckContext): Promise<Answered> {
  try {
    const registration = registrationFor(request.resource.group, request.resource.resource, request.subResource);
    if (!registration) return { answer: { ...allowQuietly, allowed: false, status: 403, message: `nothing here checks ${request.resource.resource}; remove it from the webhook configuration` }, decision: 'refused', code: 'NotRegistered' };
    const facts = await registration.check(request, context);
    if (facts === null) return { answer: allowQuietly, decision: 'not-concerned', code: 'NotConcerned' };
    const { verdict, receiptId } = request.dryRun ? { verdict: evaluate(context.client.policySet(), facts), receiptId: null } : await record(context, facts);
    const code = verdict.violations.find(({ action }) => action !== 'audit')?.name ?? verdict.light;
    return { answer: answerOf(facts, verdict, receiptId), decision: verdict.decision === 'allow' ? 'allowed' : 'refused', code, ...(receiptId === null ? {} : { receiptId }) };
  } catch (error) {
    return failure(error);
  }
}

export async function answerMutating(request: AdmissionRequest, context: CheckContext): Promise<Answered> {
  try {
    const registration = registrationFor(request.resource.group, request.resource.resource, request.subResource);
    const patch = (await registration?.mutate?.(request, context)) ?? [];
    return { answer: { ...allowQuietly, patch }, decision: 'not-concerned', code: patch.length > 0 ? 'Mutated' : 'Unchanged' };
  } catch (error) {
    return failure(error);
  }
}
