// Answers one review: parse → gather facts → decide → record with f+1 validators → answer. Whatever goes wrong on the way refuses.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChainError } from '../chain/client/chainError.js';
import type { ChainClient } from '../chain/client/types.js';
import { evaluate } from '../policy/evaluate.js';
import type { AdmissionFacts, Verdict } from '../policy/types.js';
import { allowQuietly, type AdmissionAnswer, type AdmissionRequest } from './admission/review.js';
import type { Check, CheckContext } from './checks/check.js';
import { NameNotKept } from './personal/personalNames.js';
import { registrationFor, type Registration } from './registry.js';

/** Codes with which validators refuse a verdict because their policies moved on meanwhile. */
const POLICY_RACE = new Set(['VerdictMismatch', 'UnknownPolicyHeight', 'StalePolicyHeight']);
/** Codes that blame what the request holds, which trying again does not change. */
const UNRECORDABLE = new Set(['Malformed', 'TooLarge', 'AdmissionConflict']);
const ATTEMPTS = 2;
const RACE_PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 20;

export interface Answered {
  answer: AdmissionAnswer;
  decision: 'allowed' | 'refused' | 'failed' | 'not-concerned';
  /** Of a small set, for metrics and logs. */
  code: string;
  /** For the log only. */
  detail?: string;
  receiptId?: string;
}

interface Recorded {
  facts: AdmissionFacts;
  verdict: Verdict;
  /** null: dry run. */
  receiptId: string | null;
}

const policiesOf = ({ evaluated, violations }: Verdict): string =>
  [...new Set([...evaluated.filter(({ outcome }) => outcome !== 'no-match'), ...violations].map(({ kind, name }) => `${kind}/${name}`))].join(',');

function answerOf({ facts, verdict, receiptId }: Recorded, ownWarnings: readonly string[]): Answered {
  const reference = receiptId === null ? 'dry run: no receipt' : `receipt ${receiptId}`;
  const allowed = verdict.decision === 'allow';
  const byGuard = facts.guards.some(({ action }) => action !== 'audit');
  const warnings = [...(allowed ? verdict.warnings : []), ...ownWarnings];
  return {
    answer: {
      allowed,
      message: `${verdict.message} (${reference})`,
      status: facts.guards.some(({ name }) => name === 'InvalidField') ? 422 : 403,
      warnings: warnings.length > 0 ? [...warnings, reference] : [],
      auditAnnotations: {
        verdict: verdict.decision,
        light: verdict.light,
        'policy-height': String(verdict.policyHeight),
        policies: policiesOf(verdict),
        'receipt-id': receiptId ?? 'none (dry run)',
      },
    },
    decision: allowed ? 'allowed' : 'refused',
    code: allowed ? verdict.light : byGuard ? 'RefusedByGuard' : 'RefusedByPolicy',
    detail: verdict.violations.map(({ kind, name, rule }) => [kind, name, rule].filter(Boolean).join('/')).join(', '),
    ...(receiptId === null ? {} : { receiptId }),
  };
}

/** A set that was not the one judged by, as soon as the client has it; validators may also only have been slower. */
async function otherPolicySet(client: ChainClient, policyHeight: number): Promise<void> {
  const deadline = Date.now() + RACE_PATIENCE_MS;
  while (client.policySet().policyHeight === policyHeight && Date.now() < deadline) await sleep(LOOK_EVERY_MS);
}

/**
 * The request as a receipt tells it, with its facts; null when it is not the check's concern. A person's name is kept only for what leaves a receipt, so that where
 * it cannot be kept everything else goes on.
 */
async function gather(request: AdmissionRequest, check: Check, context: CheckContext): Promise<{ asked: AdmissionRequest; facts: AdmissionFacts } | null> {
  const named = async (dryRun: boolean) => ({ ...request, user: await context.persons.standIn(request.user, dryRun) });
  const first = await named(true);
  const facts = await check(first, context);
  if (facts === null || request.dryRun) return facts && { asked: first, facts };
  const asked = await named(false);
  const kept = asked.user === first.user ? facts : await check(asked, context);
  return kept && { asked, facts: kept };
}

/** null: the request is not the check's concern. When policies change under the question, it is asked once more, from its facts on. */
async function decide(request: AdmissionRequest, { check }: Registration, context: CheckContext): Promise<Recorded | null> {
  const gathered = await gather(request, check, context);
  if (gathered === null) return null;
  for (let attempt = 1; ; attempt++) {
    const facts = attempt === 1 ? gathered.facts : await check(gathered.asked, context);
    if (facts === null) return null;
    const verdict = evaluate(context.client.policySet(), facts);
    if (request.dryRun) return { facts, verdict, receiptId: null };
    try {
      const { receiptId } = await context.client.submit('admission.verdict', { facts, verdict });
      return { facts, verdict, receiptId };
    } catch (error) {
      const raced = error instanceof ChainError && error.code === 'Refused' && POLICY_RACE.has(error.details.refusal?.code ?? '');
      if (!raced || attempt === ATTEMPTS) throw error;
      await otherPolicySet(context.client, verdict.policyHeight);
    }
  }
}

const refusing = (status: AdmissionAnswer['status'], message: string): AdmissionAnswer => ({
  allowed: false,
  status,
  message,
  warnings: [],
  auditAnnotations: {},
});

function failure(error: unknown): Answered {
  if (error instanceof ChainError) {
    const { refusal } = error.details;
    if (error.code === 'Refused' && refusal && UNRECORDABLE.has(refusal.code))
      return {
        answer: refusing(422, `refused, because no verdict about it can be recorded: ${refusal.code}: ${refusal.message}`),
        decision: 'failed',
        code: refusal.code,
      };
    const why =
      error.code === 'NotStarted'
        ? 'this webhook has just started and has not read the policies in force yet; try again in a moment'
        : `the validators could not be asked: ${error.message}; try again when they answer`;
    return { answer: refusing(503, `refused, because ${why}`), decision: 'failed', code: refusal?.code ?? error.code, detail: error.message };
  }
  if (error instanceof NameNotKept) return { answer: refusing(503, `refused, because ${error.message}`), decision: 'failed', code: 'NameNotKept', detail: String(error.cause) };
  const errorId = randomUUID();
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    answer: refusing(500, `refused, because the check failed; the webhook server's log says why (error ${errorId})`),
    decision: 'failed',
    code: 'InternalError',
    detail: `error ${errorId}: ${detail}`,
  };
}

const notRegistered = (request: AdmissionRequest): Answered => {
  const what = [request.resource.resource, request.subResource].filter(Boolean).join('/');
  return {
    answer: refusing(403, `nothing here checks ${what}; take it out of the webhook configuration`),
    decision: 'refused',
    code: 'NotRegistered',
  };
};

export async function answerValidating(request: AdmissionRequest, context: CheckContext): Promise<Answered> {
  try {
    const registration = registrationFor(request.resource.group, request.resource.resource, request.subResource);
    if (!registration) return notRegistered(request);
    const recorded = await decide(request, registration, context);
    if (recorded === null) return { answer: allowQuietly, decision: 'not-concerned', code: 'NotConcerned' };
    return answerOf(recorded, recorded.verdict.decision === 'allow' ? (registration.warn?.(request, context) ?? []) : []);
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
