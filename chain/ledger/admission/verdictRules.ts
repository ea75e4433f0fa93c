// What every validator demands of a verdict: of its time, by a policy set of its time, and exactly what the same inputs give here (design: decision 5; ADR 2).
import { enforcingCluster } from '../../../policy/enforcingCluster.js';
import { evaluate } from '../../../policy/evaluate.js';
import type { AdmissionFacts, PolicySet, Verdict } from '../../../policy/types.js';
import {
  stateKeys,
  VERDICT_WINDOW_MS,
  type AdmissionRecord,
  type Payloads,
  type PolicySetPointer,
  type SchedulingDecision,
  type WorkloadRecord,
} from '../../types.js';
import { firstDifference } from '../firstDifference.js';
import { Refusal } from '../ledgerError.js';
import { policySetAt } from '../policySet/policySet.js';
import type { StateReader } from '../state.js';

export interface VerdictContext {
  reader: StateReader;
  policy: { pointer: PolicySetPointer; set: PolicySet };
  /**
   * Times of the block before and of this one, for the verdict was given between them; before a block exists, twice the
   * validator's clock. Ms since the epoch. While the chain stood still no verdict grew stale.
   */
  span: { from: number; to: number };
}

/** Throws Refusal 'StaleVerdict', 'UnknownPolicyHeight', 'StalePolicyHeight', 'UnknownWorkload', 'AdmissionConflict', 'DecisionMismatch' or 'VerdictMismatch'. */
export function mustBeReproducible({ reader, policy, span }: VerdictContext, { facts, verdict }: Payloads['admission.verdict']): void {
  mustBeTimely(span, facts.time);
  const set = setOf(reader, policy, verdict.policyHeight, span.from);
  mustBeComplete(set, facts);
  mustFitOwner(reader, facts);
  mustFitAdmission(reader, facts);
  mustFitConnection(reader, facts);
  mustFitDecision(reader, { facts, verdict });
  if (reproduced.get(verdict) === set) return;
  mustEqual(verdict, evaluate(set, facts));
  reproduced.set(verdict, set);
}

/** A memory of pure results: a verdict is read once with its facts, recomputed when it comes in, and met again in its block. */
const reproduced = new WeakMap<Verdict, PolicySet>();

/** Throws Refusal 'VerdictMismatch' unless the verdict is the one recomputed here. */
export function mustEqual(verdict: Verdict, own: Verdict): void {
  const field = firstDifference(verdict, own, 'verdict');
  if (field === undefined) return;
  throw new Refusal(
    'VerdictMismatch',
    `${field} is ${shown(verdict, field)}, the facts and the policy set of height ${verdict.policyHeight} give ${shown(own, field)}`,
  );
}

export function mustBeTimely({ from, to }: VerdictContext['span'], time: number): void {
  const apart = Math.max(from - time, time - to);
  if (apart > VERDICT_WINDOW_MS)
    throw new Refusal(
      'StaleVerdict',
      `facts.time ${time} is ${apart} ms ${time > to ? 'after' : 'before'} this block, at most ${VERDICT_WINDOW_MS} ms are taken; set the clocks, or ask again`,
    );
}

/** A pod whose namespace is enforced is judged with its data: leaving out what enforces it would leave out every question. */
function mustBeComplete(set: PolicySet, { operation, object, cluster, namespace, pod, data, guards }: AdmissionFacts): void {
  if (operation !== 'CREATE' || object.kind !== 'Pod') return;
  const enforcing = enforcingCluster(set, namespace);
  if (cluster !== enforcing)
    throw new Refusal(
      'VerdictMismatch',
      `facts.cluster is ${cluster ?? 'null'}, but namespace ${namespace.name} is enforced by ${enforcing ?? 'none'}`,
    );
  if (namespace.name !== object.namespace)
    throw new Refusal('VerdictMismatch', `facts.namespace is ${namespace.name}, but the pod is in namespace ${object.namespace}`);
  if (enforcing !== null && guards.length === 0 && (pod === null || data === null))
    throw new Refusal(
      'VerdictMismatch',
      `facts of pod ${object.namespace}/${object.name} lack ${pod === null ? 'pod' : 'data'}, which EncCluster ${enforcing} asks for`,
    );
}

/** The data of a pod that a Workload owns is what that Workload is registered with. */
function mustFitOwner(reader: StateReader, { operation, object: { namespace, name }, workload, data }: AdmissionFacts): void {
  if (operation !== 'CREATE' || workload === null) return;
  const text = reader.get(stateKeys.workload(namespace, workload.name));
  const record = text === undefined ? undefined : (JSON.parse(text) as WorkloadRecord);
  if (record?.uid !== workload.uid)
    throw new Refusal('UnknownWorkload', `facts.workload names ${namespace}/${workload.name} with uid ${workload.uid}, which is not registered`);
  const field = firstDifference(data, record.data, 'facts.data');
  if (field !== undefined)
    throw new Refusal('VerdictMismatch', `${field} of pod ${namespace}/${name} is not what Workload ${workload.name} is registered with`);
}

/** One uid, one pod: what was admitted is not admitted again as something else. */
function mustFitAdmission(reader: StateReader, { operation, object: { kind, uid, namespace, name, specHash } }: AdmissionFacts): void {
  const text = operation === 'CREATE' && kind === 'Pod' ? reader.get(stateKeys.admission(uid)) : undefined;
  if (text === undefined) return;
  const admitted = (JSON.parse(text) as AdmissionRecord).facts.object;
  if (admitted.specHash !== specHash || admitted.namespace !== namespace || admitted.name !== name)
    throw new Refusal(
      'AdmissionConflict',
      `uid ${uid} was admitted as pod ${admitted.namespace}/${admitted.name} with spec ${admitted.specHash}, not as ${namespace}/${name} with ${specHash}`,
    );
}

/** What a connection carries is what the pod was admitted with; only where it goes is new. */
function mustFitConnection(reader: StateReader, { operation, object: { kind, uid, namespace, name }, data, cluster, guards }: AdmissionFacts): void {
  if (operation !== 'CONNECT' || kind !== 'Pod' || cluster === null || guards.length > 0) return;
  const text = reader.get(stateKeys.admission(uid));
  const admitted = text === undefined ? undefined : (JSON.parse(text) as AdmissionRecord).facts;
  if (!admitted?.data || admitted.object.namespace !== namespace || admitted.object.name !== name)
    throw new Refusal('NotAdmitted', `a connection to pod ${namespace}/${name} (uid ${uid}) is judged, but no such pod is admitted`);
  const carried = data && { ...data, destinationRegions: [], operationType: '' };
  const field = firstDifference(carried, { ...admitted.data, destinationRegions: [], operationType: '' }, 'facts.data');
  if (field !== undefined) throw new Refusal('VerdictMismatch', `${field} of the connection to pod ${namespace}/${name} is not what the pod was admitted with`);
}

/** A binding puts a pod where it was placed. That a placement is in force is asked when the block is executed, for this validator may be a block behind. */
function mustFitDecision(reader: StateReader, { facts: { operation, object, binding }, verdict }: Payloads['admission.verdict']): void {
  if ((operation === 'BIND') !== (binding !== undefined))
    throw new Refusal(
      'VerdictMismatch',
      `facts.binding is ${binding ? 'given' : 'absent'}, but the operation is ${operation}; it belongs to BIND alone`,
    );
  if (!binding) return;
  if (binding.podUid !== object.uid)
    throw new Refusal('VerdictMismatch', `facts.binding.podUid is "${binding.podUid}", but facts.object.uid is "${object.uid}"`);
  const text = verdict.decision === 'allow' ? reader.get(stateKeys.decision(object.uid)) : undefined;
  const decided = text === undefined ? undefined : (JSON.parse(text) as SchedulingDecision).targetNode;
  if (decided !== undefined && decided !== binding.node)
    throw new Refusal(
      'DecisionMismatch',
      `a binding of pod ${object.namespace}/${object.name} (uid ${object.uid}) to node "${binding.node}" was allowed, but it was placed on ${decided}`,
    );
}

export function setOf(reader: StateReader, { pointer, set }: VerdictContext['policy'], policyHeight: number, time: number): PolicySet {
  if (policyHeight === pointer.policyHeight) return set;
  const replaced = pointer.recent.find((recent) => recent.policyHeight === policyHeight);
  if (replaced && replaced.replacedAt >= time - VERDICT_WINDOW_MS) return policySetAt(reader, policyHeight)!;
  if (policyHeight > pointer.policyHeight || policySetAt(reader, policyHeight) === undefined)
    throw new Refusal(
      'UnknownPolicyHeight',
      `verdict.policyHeight ${policyHeight} is no policy set of this chain yet; the current one is ${pointer.policyHeight}`,
    );
  throw new Refusal(
    'StalePolicyHeight',
    `verdict.policyHeight ${policyHeight} was replaced more than ${VERDICT_WINDOW_MS} ms ago; evaluate with the set of height ${pointer.policyHeight}`,
  );
}

/** The member at a path that firstDifference gave, short enough to quote. */
function shown(verdict: unknown, path: string): string {
  let value = verdict;
  for (const [, name] of path.matchAll(/[.[]([^.[\]]+)/g)) value = (value as Record<string, unknown> | undefined)?.[name!];
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
