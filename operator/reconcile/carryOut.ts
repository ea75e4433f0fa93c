// Carries out a plan: transactions to the chain, finalizers and children to Kubernetes; stops at the first refusal.
import type { ChainWriter } from '../ledger/chainWriter.js';
import { addFinalizer, dropFinalizer } from '../runtime/finalizers.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { isKubeError, KubeError } from '../runtime/kubeError.js';
import { RESOURCES, type KubeObject, type ResourceType } from '../runtime/kubeObject.js';
import { serverSideApply } from '../runtime/serverSideApply.js';
import type { Outcome, Step } from './plan.js';

export interface Hands {
  api: KubeApi;
  chain: ChainWriter;
}

/** The results of these say that nothing had to be changed. */
const NO_CHANGE: readonly string[] = ['Unchanged', 'Absent'];

async function remove({ api }: Hands, { path }: ResourceType, { metadata: { name, namespace, uid } }: KubeObject): Promise<void> {
  try {
    await api.delete(path(name, namespace), { propagationPolicy: 'Background', preconditions: { uid } });
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error;
  }
}

async function applyChild({ api }: Hands, resource: ResourceType, object: KubeObject): Promise<KubeObject> {
  try {
    return await serverSideApply<KubeObject>(api, resource, object);
  } catch (error) {
    if (!isKubeError(error, 'Invalid') || resource !== RESOURCES.Job) throw error;
    throw new KubeError(error.code, error.status, `${error.message}; a Job's template cannot be changed: delete the Workload and make a new one`, {
      cause: error,
    });
  }
}

async function carryOutStep(hands: Hands, step: Step, resource: ResourceType, object: KubeObject, outcome: Outcome): Promise<void> {
  switch (step.do) {
    case 'transaction': {
      const result = await hands.chain.send(step.type, step.payload);
      outcome.results.push(result);
      if (result.outcome === 'refused' || result.outcome === 'failed') outcome.refused = result;
      else if (!NO_CHANGE.includes(result.code)) outcome.actions.push(`${step.type}: ${result.code} at height ${result.height}`);
      return;
    }
    case 'addFinalizer':
      await addFinalizer(hands.api, resource, object);
      outcome.actions.push('added the finalizer');
      return;
    case 'dropFinalizer':
      await dropFinalizer(hands.api, resource, object);
      outcome.released = true;
      return;
    case 'apply': {
      const now = await applyChild(hands, step.resource, step.object);
      outcome.applied.push(now);
      const { kind } = step.resource;
      if (!step.live) outcome.actions.push(`created ${kind} ${now.metadata.name}`);
      else if (step.live.metadata.generation !== now.metadata.generation) outcome.actions.push(`changed ${kind} ${now.metadata.name}`);
      return;
    }
    case 'delete':
      await remove(hands, step.resource, step.object);
      outcome.actions.push(`deleted ${step.resource.kind} ${step.object.metadata.name}`);
  }
}

/** `beforeRelease` runs when all that was asked for is done and only the finalizer is left. */
export async function carryOut(
  hands: Hands,
  resource: ResourceType,
  object: KubeObject,
  steps: readonly Step[],
  beforeRelease: (outcome: Outcome) => Promise<void>,
): Promise<Outcome> {
  const outcome: Outcome = { actions: [], results: [], refused: undefined, applied: [], released: false };
  for (const step of steps) {
    if (step.do === 'dropFinalizer') await beforeRelease(outcome);
    await carryOutStep(hands, step, resource, object, outcome);
    if (outcome.refused && !('alone' in step)) break;
  }
  return outcome;
}
