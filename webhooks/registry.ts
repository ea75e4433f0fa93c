// The one table of what is checked: resource → operations, the check and, for pods, the mutation. The webhook configurations are made from it.
import { GROUP, KINDS, PLURALS, VERSION } from '../api/labels.js';
import { checkBinding } from './checks/binding.js';
import type { Check, Mutation, Warn } from './checks/check.js';
import { checkConnect, checkNodeProxy, checkServiceProxy } from './checks/connect.js';
import { checkDefinition } from './checks/definition.js';
import { checkErasure } from './checks/erasure.js';
import { checkEviction } from './checks/eviction.js';
import { checkNamespace } from './checks/namespace.js';
import { checkEphemeralContainers, checkPod, checkPodStatus, identifyPod } from './checks/pod.js';
import { checkResource, checkStatus, warnOfMeaning } from './checks/resource.js';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface Registration {
  group: string;
  version: string;
  /** With its subresource, as pods/binding. */
  resource: string;
  scope: 'Namespaced' | 'Cluster';
  operations: Operation[];
  check: Check;
  mutate?: Mutation;
  /** Of what was allowed. */
  warn?: Warn;
  /** Part of the webhook configuration it is asked in; by default that of its group. */
  asked?: 'status' | 'definitions' | 'erasure';
}

const core = (resource: string, operations: Operation[], check: Check, more: Partial<Registration> = {}): Registration => ({
  group: '',
  version: 'v1',
  resource,
  scope: 'Namespaced',
  operations,
  check,
  ...more,
});

export const registry: readonly Registration[] = [
  core('pods', ['CREATE', 'UPDATE'], checkPod, { mutate: identifyPod }),
  core('pods/resize', ['UPDATE'], checkPod),
  core('pods/ephemeralcontainers', ['UPDATE'], checkEphemeralContainers),
  core('pods/binding', ['CREATE'], checkBinding),
  core('bindings', ['CREATE'], checkBinding),
  core('pods/eviction', ['CREATE'], checkEviction),
  core('pods/status', ['UPDATE'], checkPodStatus, { asked: 'status' }),
  ...['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy'].map((resource) => core(resource, ['CONNECT'], checkConnect)),
  core('services/proxy', ['CONNECT'], checkServiceProxy),
  core('nodes/proxy', ['CONNECT'], checkNodeProxy, { scope: 'Cluster' }),
  core('namespaces', ['CREATE', 'UPDATE'], checkNamespace, { scope: 'Cluster' }),
  // Both take over labels from what is sent to them.
  core('namespaces/status', ['UPDATE'], checkNamespace, { scope: 'Cluster', asked: 'status' }),
  core('namespaces/finalize', ['UPDATE'], checkNamespace, { scope: 'Cluster', asked: 'status' }),
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    scope: 'Cluster',
    operations: ['UPDATE', 'DELETE'],
    check: checkDefinition,
    asked: 'definitions',
  },
  core('secrets', ['DELETE'], checkErasure, { asked: 'erasure' }),
  ...KINDS.flatMap((kind): Registration[] => {
    const of = { group: GROUP, version: VERSION, scope: kind === 'Workload' ? ('Namespaced' as const) : ('Cluster' as const) };
    return [
      {
        ...of,
        resource: PLURALS[kind],
        operations: kind === 'BisoPolicy' ? ['CREATE', 'UPDATE', 'DELETE'] : ['CREATE', 'UPDATE'],
        check: checkResource,
        warn: warnOfMeaning,
      },
      { ...of, resource: `${PLURALS[kind]}/status`, operations: ['UPDATE'], check: checkStatus },
    ];
  }),
];

export function registrationFor(group: string, resource: string, subResource: string): Registration | undefined {
  const name = subResource ? `${resource}/${subResource}` : resource;
  return registry.find((entry) => entry.group === group && entry.resource === name);
}
