// Adds and removes this project's finalizer, on the version of the object that was decided on.
import { FINALIZER } from '../../api/labels.js';
import type { KubeApi } from './kubeApi.js';
import { isKubeError } from './kubeError.js';
import type { KubeObject, ResourceType } from './kubeObject.js';

export const hasFinalizer = ({ metadata: { finalizers } }: KubeObject): boolean => finalizers?.includes(FINALIZER) ?? false;

async function write(api: KubeApi, resource: ResourceType, { metadata }: KubeObject, finalizers: string[]): Promise<void> {
  const { name, namespace, resourceVersion, uid } = metadata;
  await api.patch(resource.path(name, namespace), 'application/merge-patch+json', { metadata: { uid, resourceVersion, finalizers } });
}

/** Rejects with KubeError 'Conflict' when the object has changed meanwhile: the next pass sees the change. */
export async function addFinalizer(api: KubeApi, resource: ResourceType, object: KubeObject): Promise<void> {
  await write(api, resource, object, [...(object.metadata.finalizers ?? []), FINALIZER]);
}

export async function dropFinalizer(api: KubeApi, resource: ResourceType, object: KubeObject): Promise<void> {
  const others = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  try {
    await write(api, resource, object, others);
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error;
  }
}
