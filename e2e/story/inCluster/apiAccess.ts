// The story's cluster through the API server's own interface: what a pod has.
import { isKubeError, KubeError } from '../../../operator/runtime/kubeError.js';
import type { KubeApi } from '../../../operator/runtime/kubeApi.js';
import { RESOURCES, within, type KubeList, type ResourceType } from '../../../operator/runtime/kubeObject.js';
import { waitFor } from '../../stack/waitFor.js';
import type { Answer, ClusterAccess, StoryKind } from '../clusterAccess.js';

const FIELD_MANAGER = 'enc-story';
const GONE_WITHIN_MS = 90_000;

/** `warnings`: takes away what the API server has said along with its answers since it was last asked. */
export function apiAccess(api: KubeApi, namespace: string, warnings: () => string[]): ClusterAccess {
  const typeOf = (kind: string): ResourceType => RESOURCES[kind as StoryKind];
  const answered = async (ask: () => Promise<unknown>): Promise<Answer> => {
    warnings();
    try {
      await ask();
      return { accepted: true, said: warnings().map((text) => `Warning: ${text}`).join(' ') };
    } catch (error) {
      // A refusal is what some facts are about; that nobody answered is a fault of the telling.
      if (!(error instanceof KubeError) || error.status === 0) throw error;
      return { accepted: false, said: error.message };
    }
  };
  const get = async <T>(kind: StoryKind, name: string): Promise<T | undefined> => {
    try {
      return await api.get<T>(typeOf(kind).path(name, namespace));
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return undefined;
      throw error;
    }
  };
  const list = async <T>(kind: StoryKind, labelSelector?: string) => (await api.get<KubeList<T>>(within(namespace, typeOf(kind)).collection, { labelSelector })).items;
  const remove = async (kind: StoryKind, name: string, withinMs = GONE_WITHIN_MS) => {
    try {
      await api.delete(typeOf(kind).path(name, namespace));
    } catch (error) {
      if (!isKubeError(error, 'NotFound')) throw error;
    }
    await waitFor(`${kind} ${name} to be gone`, async () => (await get(kind, name)) === undefined, { timeoutMs: withinMs });
  };
  return {
    apply: (object) => answered(() => api.patch(typeOf(object.kind!).path(object.metadata.name, namespace), 'application/apply-patch+yaml', object, { fieldManager: FIELD_MANAGER, force: true })),
    create: (object) => answered(() => api.create(within(namespace, typeOf(object.kind)).collection, object)),
    bind({ name, uid }, node) {
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
      return answered(() => api.create(`${typeOf('Pod').path(name, namespace)}/binding`, binding));
    },
    get,
    list,
    remove,
    async removeAll(kind) {
      const found = await list<{ metadata: { name: string } }>(kind);
      await Promise.all(found.map(({ metadata }) => remove(kind, metadata.name)));
    },
  };
}
