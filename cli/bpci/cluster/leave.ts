// Before the chart is uninstalled: takes away what its programs made themselves and what would block others once nobody answers for it.
import { FINALIZER, GROUP, KINDS, PLURALS, VERSION } from '../../../api/labels.js';
import type { KubeApi } from '../../../operator/runtime/kubeApi.js';
import { KubeError } from '../../../operator/runtime/kubeError.js';

const WEBHOOKS = 'enc-mainnet';
const CONFIGURATIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations', 'mutatingadmissionpolicybindings', 'mutatingadmissionpolicies'];

interface Item {
  metadata: { name: string; namespace?: string; finalizers?: string[] };
}

/**
 * `bindings`: ClusterRoleBindings of the operator and the webhooks. Without them neither can write again what is taken away here.
 * Every step can be repeated.
 */
export async function leave(api: KubeApi, bindings: readonly string[], print: (line: string) => void): Promise<void> {
  for (const binding of bindings) await remove(api, `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${binding}`);
  for (const kind of CONFIGURATIONS) await remove(api, `/apis/admissionregistration.k8s.io/v1/${kind}/${WEBHOOKS}`);
  print('admission goes on without the webhooks');
  for (const kind of KINDS) {
    const base = `/apis/${GROUP}/${VERSION}`;
    const list = await orNothing(api.get<{ items: Item[] }>(`${base}/${PLURALS[kind]}`));
    const held = (list?.items ?? []).filter(({ metadata }) => metadata.finalizers?.includes(FINALIZER));
    for (const { metadata } of held) {
      const at = metadata.namespace === undefined ? base : `${base}/namespaces/${metadata.namespace}`;
      const finalizers = metadata.finalizers!.filter((one) => one !== FINALIZER);
      await orNothing(api.patch(`${at}/${PLURALS[kind]}/${metadata.name}`, 'application/merge-patch+json', { metadata: { finalizers } }));
    }
    if (held.length > 0) print(`${held.length} ${PLURALS[kind]} can be deleted without the operator`);
  }
}

const remove = (api: KubeApi, path: string) => orNothing(api.delete(path));

/** What is gone already is as it should be. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}
