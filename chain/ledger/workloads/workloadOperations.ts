// Workloads: registered before their pods exist, moved through their lifecycle by consensus (agreement 1.3).
import { stateKeys, type ObjectReference, type WorkloadRecord, type WorkloadRegistration } from '../../types.js';
import { sameJson } from '../firstDifference.js';
import { Refusal } from '../ledgerError.js';
import { applied, type Effect, type Operation, type OperationTable } from '../operation.js';
import { findMember } from '../policySet/policySet.js';
import { isEnded, isLegal, nextStates } from './workloadState.js';

function put({ payload, state, block }: Operation<'workload.put'>): Effect {
  const { namespace, name, uid, generation, cluster } = payload;
  const key = stateKeys.workload(namespace, name);
  const existing = state.read<WorkloadRecord>(key);
  const same = existing?.uid === uid ? existing : undefined;
  if (same && generation <= same.generation) return sameOrStale(same, payload);
  if (!findMember(state, 'EncCluster', cluster))
    throw new Refusal('UnknownCluster', `spec.clusterRef of Workload ${namespace}/${name} names EncCluster ${cluster}, which is not registered`);
  if (same) mustKeepIdentity(same, payload);
  const kept = same && !isEnded(same.state) ? { state: same.state, reason: same.reason } : { state: 'Pending' as const, reason: '' };
  state.write(key, { ...payload, ...kept, height: block.height } satisfies WorkloadRecord);
  return applied(
    same ? 'Updated' : 'Registered',
    `Workload ${namespace}/${name} generation ${generation} is registered with EncCluster ${cluster}; it is ${kept.state}`,
  );
}

function sameOrStale(existing: WorkloadRecord, payload: WorkloadRegistration): Effect {
  const { namespace, name, generation } = payload;
  if (generation < existing.generation)
    throw new Refusal(
      'StaleGeneration',
      `Workload ${namespace}/${name} is at generation ${existing.generation} already; generation ${generation} is older`,
    );
  if (!sameJson(registrationOf(existing), payload))
    throw new Refusal('GenerationConflict', `Workload ${namespace}/${name} generation ${generation} is registered otherwise; read the object again`);
  return applied('Unchanged', `Workload ${namespace}/${name} generation ${generation} was registered already`);
}

function registrationOf({ state: _state, reason: _reason, height: _height, ...registration }: WorkloadRecord): WorkloadRegistration {
  return registration;
}

function mustKeepIdentity(existing: WorkloadRecord, { namespace, name, workloadKind, cluster }: WorkloadRegistration): void {
  if (existing.state === 'Slashed') throw new Refusal('AlreadyEnded', `Workload ${namespace}/${name} was slashed; it cannot be changed any more`);
  if (existing.workloadKind !== workloadKind)
    throw new Refusal('Immutable', `spec.kind of Workload ${namespace}/${name} cannot be changed from ${existing.workloadKind}`);
  if (existing.cluster !== cluster)
    throw new Refusal('Immutable', `spec.clusterRef of Workload ${namespace}/${name} cannot be changed from ${existing.cluster}`);
}

function transition({ payload: { namespace, name, uid, to, reason }, state, block }: Operation<'workload.transition'>): Effect {
  const key = stateKeys.workload(namespace, name);
  const record = state.read<WorkloadRecord>(key);
  if (record?.uid !== uid) throw new Refusal('UnknownWorkload', `Workload ${namespace}/${name} with uid ${uid} is not registered`);
  const { state: from } = record;
  if (from === to) return applied('Unchanged', `Workload ${namespace}/${name} was ${to} already`);
  if (to === 'Slashed')
    throw new Refusal(
      'IllegalTransition',
      `Workload ${namespace}/${name} cannot be reported Slashed: that follows from evidence the ledger has judged`,
    );
  if (!isLegal(from, to))
    throw new Refusal(
      'IllegalTransition',
      `Workload ${namespace}/${name} cannot go from ${from} to ${to}; from ${from} it can go to ${nextStates(from)}`,
    );
  state.write(key, { ...record, state: to, reason, height: block.height } satisfies WorkloadRecord);
  return applied(to, `Workload ${namespace}/${name} went from ${from} to ${to}${reason && `: ${reason}`}`, { from, to });
}

function remove({ payload: { namespace, name, uid }, state }: Operation<'workload.remove'>): Effect {
  const key = stateKeys.workload(namespace, name);
  if (state.read<WorkloadRecord>(key)?.uid !== uid) return applied('Absent', `Workload ${namespace}/${name} with uid ${uid} is not registered`);
  state.remove(key);
  return applied('Removed', `Workload ${namespace}/${name} is removed`);
}

const reference = ({ namespace, name, uid }: { namespace: string; name: string; uid: string }): ObjectReference => ({
  kind: 'Workload',
  namespace,
  name,
  uid,
});

export const workloadOperations: OperationTable<'workload.put' | 'workload.transition' | 'workload.remove'> = {
  'workload.put': { roles: ['operator'], object: reference, execute: put },
  'workload.transition': { roles: ['operator'], object: reference, execute: transition },
  'workload.remove': { roles: ['operator'], object: reference, execute: remove },
};
