// Puts and removes the members of the policy set that one account keeps: clusters, policies, rules and exceptions.
import type { FieldError } from '../../../api/fieldError.js';
import { formatFieldErrors } from '../../../api/fieldError.js';
import type { EncClusterSpec, PolicyExceptionSpec, ResourceByKind } from '../../../api/index.js';
import { API_VERSION } from '../../../api/labels.js';
import { validateResource } from '../../../api/validate/validateResource.js';
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { validateBisoPolicy, validateTrafficRule } from '../../../policy/validatePolicy.js';
import type { PolicyChange } from '../../governanceTypes.js';
import type { PolicySetMember, WorkloadRecord } from '../../types.js';
import { exceptionSignatureErrors } from '../../client/exceptionSignatures.js';
import { requiringAgreement } from '../agreements/requiredPolicies.js';
import { firstDifference } from '../firstDifference.js';
import { Refusal } from '../ledgerError.js';
import { applied, clusterObject, type BlockContext, type Effect, type Operation, type OperationKind, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';
import { mustBeApproved } from './exceptionRules.js';
import { currentMembers, findMember, putMember, removeMember, specAt } from './policySet.js';

type Kind = 'EncCluster' | 'BisoPolicy' | 'TrafficRule' | 'PolicyException';
type PutType = 'cluster.put' | 'policy.put' | 'rule.put' | 'exception.put';
type RemoveType = 'cluster.remove' | 'policy.remove' | 'rule.remove' | 'exception.remove';
type Put<K extends Kind> = { name: string; uid: string; generation: number; spec: ResourceByKind[K]['spec'] };

interface KindRules<K extends Kind> {
  /** What the spec must satisfy by itself, beyond its schema. */
  faults: (spec: ResourceByKind[K]['spec'], name: string) => FieldError[];
  /** Throws Refusal when the change may not be made in this state. */
  mayPut?: (state: Overlay, payload: Put<K>, existing: PolicySetMember | undefined, timestamp: number) => void;
  mayRemove?: (state: Overlay, existing: PolicySetMember) => void;
}

const clusterRules: KindRules<'EncCluster'> = {
  faults: () => [],
  mayPut(state, { name, spec }, existing) {
    const clusters = currentMembers(state).filter(({ kind }) => kind === 'EncCluster');
    const idOf = (member: PolicySetMember) => specAt<EncClusterSpec>(state, member.hash).clusterId;
    const other = clusters.find((member) => member.name !== name && idOf(member) === spec.clusterId);
    if (other)
      throw new Refusal('Exists', `spec.clusterId ${spec.clusterId} is registered by EncCluster ${other.name}; give ${name} an id of its own`);
    if (existing && idOf(existing) !== spec.clusterId)
      throw new Refusal(
        'Immutable',
        `spec.clusterId of EncCluster ${name} cannot be changed from ${idOf(existing)}; delete the EncCluster and register a new one`,
      );
    if (existing && firstDifference(specAt<EncClusterSpec>(state, existing.hash).breakGlass ?? null, spec.breakGlass ?? null, 'spec.breakGlass') !== undefined)
      throw new Refusal(
        'Immutable',
        `spec.breakGlass of EncCluster ${name} cannot be changed, for whoever could would let itself in; delete the EncCluster and register a new one`,
      );
  },
  mayRemove(state, { name }) {
    const user = state.records<WorkloadRecord>('workload/').find(({ cluster }) => cluster === name);
    if (user) throw new Refusal('InUse', `EncCluster ${name} still has Workload ${user.namespace}/${user.name}; remove its workloads first`);
  },
};

const policyRules: KindRules<'BisoPolicy'> = {
  faults: validateBisoPolicy,
  mayPut: (state, { name }) => mustBeFree(state, name, 'changed'),
  mayRemove: (state, { name }) => mustBeFree(state, name, 'removed'),
};

/** An agreement in force pins the policies it names (ADR 3; agreement 7.2). */
function mustBeFree(state: Overlay, policy: string, change: string): void {
  const agreement = requiringAgreement(state, policy);
  if (agreement !== undefined)
    throw new Refusal(
      'RequiredByAgreement',
      `BisoPolicy ${policy} cannot be ${change}: Agreement ${agreement} in force requires it; it is free when the agreement has ended`,
    );
}

function put<K extends Kind>(kind: K, rules: KindRules<K>): OperationKind<PutType> {
  const execute = ({ payload, state, block }: Operation<PutType>): Effect => {
    const { name, uid, generation, spec } = payload as Put<K>;
    const hash = sha256OfJson(spec);
    const existing = findMember(state, kind, name);
    if (existing?.uid === uid && generation <= existing.generation) return sameOrStale(existing, generation, hash);
    mustNotBeGoverned(state, kind, name);
    if (existing?.hash !== hash) mustBeAllowed(kind, rules, { state, timestamp: block.timestamp }, payload as Put<K>);
    putMember(state, block, { kind, name, uid, generation }, spec);
    if ('breakGlass' in spec && kind === 'PolicyException') return glassBroken(name, spec as PolicyExceptionSpec, { hash, policyHeight: block.height });
    return applied(existing ? 'Updated' : 'Registered', `${kind} ${name} generation ${generation} is in the policy set of height ${block.height}`, {
      hash,
      policyHeight: block.height,
    });
  };
  return { roles: ['operator'], object: clusterObject(kind), execute };
}

/** An emergency's own receipt: who opened what for whom, why, and until when. */
function glassBroken(name: string, { breakGlass, scope, reason, expiresAt, approvals }: PolicyExceptionSpec, details: object): Effect {
  const where = `policies of EncCluster ${breakGlass!.cluster} are open to namespaces ${scope.namespaces.join(', ')} until ${expiresAt}: ${reason}`;
  return applied('GlassBroken', `PolicyException ${name}: ${where}`, { ...details, ...breakGlass, scope, reason, expiresAt, signedBy: approvals.map(({ publicKey }) => publicKey) });
}

function sameOrStale(existing: PolicySetMember, generation: number, hash: string): Effect {
  const { kind, name } = existing;
  if (generation < existing.generation)
    throw new Refusal('StaleGeneration', `${kind} ${name} is at generation ${existing.generation} already; generation ${generation} is older`);
  if (existing.hash !== hash)
    throw new Refusal('GenerationConflict', `${kind} ${name} generation ${generation} has another spec on the ledger; read the object again`);
  return applied('Unchanged', `${kind} ${name} generation ${generation} was in the policy set already`, { hash });
}

function mustBeAllowed<K extends Kind>(kind: K, { faults, mayPut }: KindRules<K>, { state, timestamp }: { state: Overlay; timestamp: number }, payload: Put<K>): void {
  const { name, spec } = payload;
  const existing = findMember(state, kind, name);
  mayPut?.(state, payload, existing, timestamp);
  const object = { apiVersion: API_VERSION, kind, metadata: { name }, spec } as unknown as ResourceByKind[K];
  const errors = [...validateResource(object), ...faults(spec, name)];
  if (errors.length > 0) throw new Refusal('InvalidSpec', formatFieldErrors(errors));
}

function remove(kind: Kind, { mayRemove }: Pick<KindRules<never>, 'mayRemove'>): OperationKind<RemoveType> {
  const execute = ({ payload: { name, uid }, state, block }: Operation<RemoveType>): Effect => {
    const existing = findMember(state, kind, name);
    if (existing?.uid !== uid) return applied('Absent', `${kind} ${name} with uid ${uid} is not in the policy set`);
    mustNotBeGoverned(state, kind, name);
    mayRemove?.(state, existing);
    removeMember(state, block, existing);
    return applied('Removed', `${kind} ${name} is not in the policy set of height ${block.height} any more`, { policyHeight: block.height });
  };
  return { roles: ['operator'], object: clusterObject(kind), execute };
}

const exceptionRules: KindRules<'PolicyException'> = {
  faults: (spec, name) => exceptionSignatureErrors(name, spec),
  mayPut: (state, payload, _existing, timestamp) => mustBeApproved(state, timestamp, payload),
};

const governedKey = (kind: Kind, name: string) => `governed/${kind}/${name}`;

/** What a vote has put, a vote alone changes (agreement 5.3). */
function mustNotBeGoverned(state: Overlay, kind: Kind, name: string): void {
  const by = state.read<{ proposal: string }>(governedKey(kind, name));
  if (by) throw new Refusal('GovernedByVote', `${kind} ${name} was put by proposal ${by.proposal}; only another proposal can change or remove it`);
}

const VOTED = {
  putPolicy: { kind: 'BisoPolicy', rules: policyRules },
  removePolicy: { kind: 'BisoPolicy', rules: policyRules },
  putRule: { kind: 'TrafficRule', rules: { faults: validateTrafficRule } },
  removeRule: { kind: 'TrafficRule', rules: { faults: validateTrafficRule } },
} as const satisfies Record<PolicyChange['do'], { kind: Kind; rules: KindRules<never> }>;

/** Throws Refusal when a vote could not make this change either. */
export function mayChangePolicyMember(state: Overlay, { timestamp }: BlockContext, change: PolicyChange): void {
  const { kind, rules } = VOTED[change.do] as { kind: 'BisoPolicy'; rules: KindRules<'BisoPolicy'> };
  const existing = findMember(state, kind, change.name);
  if ('spec' in change) return mustBeAllowed(kind, rules, { state, timestamp }, { name: change.name, uid: '', generation: 0, spec: change.spec as Put<'BisoPolicy'>['spec'] });
  if (!existing) throw new Refusal('UnknownPolicy', `${kind} ${change.name} is not in the policy set`);
  rules.mayRemove?.(state, existing);
}

/** Carries out what a vote decided; after mayChangePolicyMember. */
export function changePolicyMember(state: Overlay, block: BlockContext, change: PolicyChange, proposal: string): void {
  const { kind } = VOTED[change.do];
  const { name } = change;
  const existing = findMember(state, kind, name);
  if ('spec' in change) {
    putMember(state, block, { kind, name, uid: existing?.uid ?? `proposal-${proposal}`, generation: existing?.generation ?? 0 }, change.spec);
    state.write(governedKey(kind, name), { proposal });
    return;
  }
  if (existing) removeMember(state, block, existing);
  if (state.get(governedKey(kind, name)) !== undefined) state.remove(governedKey(kind, name));
}


export const policySetOperations: OperationTable<PutType | RemoveType> = {
  'cluster.put': put('EncCluster', clusterRules),
  'cluster.remove': remove('EncCluster', clusterRules),
  'policy.put': put('BisoPolicy', policyRules),
  'policy.remove': remove('BisoPolicy', policyRules),
  'rule.put': put('TrafficRule', { faults: validateTrafficRule }),
  'rule.remove': remove('TrafficRule', {}),
  'exception.put': put('PolicyException', exceptionRules),
  'exception.remove': remove('PolicyException', {}),
};
