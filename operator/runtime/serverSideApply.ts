// Server-side apply for what the operator owns: fields it states become its own, fields of others stay.
import { FIELD_MANAGER } from '../../api/labels.js';
import type { KubeApi } from './kubeApi.js';
import type { KubeObject, ResourceType } from './kubeObject.js';

/** Returns the object as it is now; its resourceVersion is the old one when nothing changed. */
export function serverSideApply<T extends KubeObject>(api: KubeApi, resource: ResourceType, object: KubeObject): Promise<T> {
  const { name, namespace } = object.metadata;
  return api.patch<T>(resource.path(name, namespace), 'application/apply-patch+yaml', object, { fieldManager: FIELD_MANAGER, force: true });
}
