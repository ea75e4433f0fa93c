// A bare API server with the webhooks before it, an enforced and a free namespace, and the commands that tests give it.
import path from 'node:path';
import { LABELS } from '../../api/labels.js';
import { startControlPlane } from '../cluster/controlPlane.js';
import { kubectlFor, must, type KubectlResult } from '../stack/kubectl.js';
import { checkout } from '../stack/layout.js';
import { writeServiceAccountKubeconfig } from '../stack/serviceAccountKubeconfig.js';
import { policySet } from '../../webhooks/testing/samples.js';
import { WebhookStand } from '../../webhooks/testing/webhookStand.js';

export const IDENTITY = { [LABELS.dataClassification]: 'Restricted', [LABELS.dataRegion]: 'EU' };

export interface TestPod {
  metadata: { uid: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec: { schedulerName: string; nodeName?: string };
}

export async function startAdmissionPlane({ controllerManager = false } = {}) {
  const plane = await startControlPlane({ controllerManager });
  const kubectl = kubectlFor(plane.kubeconfig, plane.binDir);
  const files = (...names: string[]) => names.flatMap((name) => ['-f', path.join(checkout, name)]);
  await must(kubectl, ['apply', ...files('config/rbac/00-namespace.yaml', 'config/rbac/webhooks.yaml')]);
  await must(kubectl, ['apply', '--server-side', ...files('crds')]);
  await must(kubectl, ['wait', '--for=condition=Established', ...files('crds')]);
  const kubeconfig = path.join(plane.folder, 'webhooks.kubeconfig');
  const account = { adminKubeconfig: plane.kubeconfig, namespace: 'enc-system', account: 'enc-webhooks', file: kubeconfig };
  await writeServiceAccountKubeconfig(kubectl, account);
  for (const [name, label] of Object.entries({ payments: 'true', free: 'false' })) {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [LABELS.enforced]: label } } };
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(namespace));
  }
  const stand = new WebhookStand(kubeconfig, policySet());
  await stand.start();
  let names = 0;
  const create = (object: object, ...flags: string[]): Promise<KubectlResult> => kubectl(['create', ...flags, '-f', '-'], JSON.stringify(object));
  return {
    plane,
    kubectl,
    stand,
    create,
    /** Restricted data of the EU in namespace payments, unless said otherwise. */
    podOf: (spec: object = {}, labels: object = IDENTITY, metadata: object = {}) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${(names += 1)}`, namespace: 'payments', labels, ...metadata },
      spec: { containers: [{ name: 'main', image: 'demo:1' }], ...spec },
    }),
    raw: (where: string, object: object) => kubectl(['create', '--raw', where, '-f', '-'], JSON.stringify(object)),
    read: async (name: string): Promise<TestPod> => JSON.parse(await must(kubectl, ['get', 'pod', name, '-n', 'payments', '-o', 'json'])) as TestPod,
    stop: async () => {
      await stand.stop();
      await plane.stop();
    },
  };
}
export type AdmissionPlane = Awaited<ReturnType<typeof startAdmissionPlane>>;
