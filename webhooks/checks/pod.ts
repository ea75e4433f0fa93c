// Pods of enforced namespaces: what they are, whose they are and what their data is, for the verdict; and the identity they are given before.
import { ANNOTATIONS, EXEMPT_NAMESPACES, LABELS, RUNTIME_LABELS, SCHEDULER_NAME } from '../../api/labels.js';
import { podSpecHash } from '../../chain/client/podSpecHash.js';
import { stateKeys, type WorkloadRecord } from '../../chain/types.js';
import { dataFactsFrom } from '../../policy/pod/dataFacts.js';
import { podFactsFrom } from '../../policy/pod/podFacts.js';
import { creationGuards, ephemeralContainerGuard, updateGuards } from '../../policy/pod/podGuards.js';
import type { PodLike } from '../../policy/pod/podLike.js';
import { QuantityError } from '../../policy/pod/quantity.js';
import type { AdmissionFacts, DataFacts, PodFacts, Violation } from '../../policy/types.js';
import { guard } from '../../policy/violation.js';
import type { AdmissionRequest } from '../admission/review.js';
import { factsOf, type Check, type CheckContext, type Mutation } from './check.js';
import { enforcementOf } from './enforcement.js';
import { hostAccessGuards } from './hostAccess.js';

const podOf = (request: AdmissionRequest) => (request.object ?? {}) as PodLike;

function objectOf(request: AdmissionRequest, pod: PodLike): AdmissionFacts['object'] {
  const { name, generateName, uid } = pod.metadata ?? {};
  return {
    kind: 'Pod',
    namespace: request.namespace,
    name: name || request.name || `${generateName ?? 'pod'}*`,
    uid: uid ?? '',
    specHash: podSpecHash(pod),
  };
}

async function workloadOf(namespace: string, pod: PodLike, { client }: CheckContext): Promise<WorkloadRecord | undefined> {
  const name = pod.metadata?.labels?.[LABELS.workload];
  return name === undefined ? undefined : (await client.getState<WorkloadRecord>(stateKeys.workload(namespace, name))).value;
}

/** Labels that say otherwise than the Workload they claim to belong to. */
function contradictions(pod: PodLike, { name, data }: WorkloadRecord): Violation[] {
  const labels = pod.metadata?.labels ?? {};
  const expected: [string, string][] = [
    [LABELS.dataClassification, data.classification],
    [LABELS.dataRegion, data.sourceRegion],
    [LABELS.operationType, data.operationType],
  ];
  return expected
    .filter(([key, value]) => labels[key] !== undefined && labels[key] !== value)
    .map(([key, value]) =>
      guard('LabelMismatch', `label ${key} is "${labels[key]}", but Workload ${name} says "${value}"`, 'leave the label out, or change the Workload'),
    );
}

interface Identity {
  workload: AdmissionFacts['workload'];
  data: DataFacts | null;
  guards: Violation[];
}

async function identityOf(request: AdmissionRequest, pod: PodLike, context: CheckContext): Promise<Identity> {
  const claimed = pod.metadata?.labels?.[LABELS.workload];
  const record = await workloadOf(request.namespace, pod, context);
  if (record) return { workload: { name: record.name, uid: record.uid }, data: record.data, guards: contradictions(pod, record) };
  const unknown =
    claimed === undefined
      ? []
      : [
          guard(
            'UnknownWorkload',
            `label ${LABELS.workload} names "${claimed}", which is not registered on the chain in namespace ${request.namespace}`,
            "create the Workload first, or leave the label out and state the data's class and region on the pod",
          ),
        ];
  const { data, guards } = dataFactsFrom(pod);
  return { workload: null, data, guards: [...unknown, ...guards] };
}

function readPod(pod: PodLike): { pod: PodFacts | null; guards: Violation[] } {
  try {
    return { pod: podFactsFrom(pod), guards: [] };
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    return {
      pod: null,
      guards: [
        guard('UnreadableRequests', `a container's resources cannot be read: ${error.message}`, 'write resources.requests as Kubernetes quantities'),
      ],
    };
  }
}

/** The label is what policies and NetworkPolicies select by. */
function foreignCluster(pod: PodLike, cluster: string): Violation[] {
  const label = pod.metadata?.labels?.[LABELS.cluster];
  if (label === undefined || label === cluster) return [];
  return [
    guard(
      'LabelMismatch',
      `label ${LABELS.cluster} is "${label}", but EncCluster ${cluster} enforces the namespace`,
      'leave the label out; it is filled in',
    ),
  ];
}

/** Nothing is asked of it but that it stays out of the nodes of others; nothing at all before an EncCluster is registered. */
async function podOutside(request: AdmissionRequest, context: CheckContext): Promise<AdmissionFacts | null> {
  const pod = podOf(request);
  const guards = hostAccessGuards(pod);
  if (guards.length === 0 || EXEMPT_NAMESPACES.includes(request.namespace) || context.client.policySet().clusters.length === 0) return null;
  const namespace = { name: request.namespace, labels: await context.namespaceLabels(request.namespace) };
  return factsOf(request, context, { namespace, object: objectOf(request, pod), guards });
}

/** What the operator enforces by cannot be written by anybody else. */
function runtimeLabelGuards({ user, object, oldObject }: AdmissionRequest, { operatorUser }: CheckContext): Violation[] {
  if (user === operatorUser) return [];
  const [before, after] = [oldObject, object].map((one) => one?.metadata?.labels ?? {});
  const changed = Object.values(RUNTIME_LABELS).filter((key) => before![key] !== after![key]);
  return changed.map((key) => guard('OperatorLabel', `label ${key} is written by ${operatorUser} only, not by ${user}`, 'leave the label as it is'));
}

async function createdPod(request: AdmissionRequest, context: CheckContext): Promise<AdmissionFacts | null> {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement) return podOutside(request, context);
  const pod = podOf(request);
  const [identity, read] = [await identityOf(request, pod, context), readPod(pod)];
  return factsOf(request, context, {
    ...enforcement,
    object: objectOf(request, pod),
    workload: identity.workload,
    data: identity.data,
    pod: read.pod,
    guards: [...creationGuards(pod), ...runtimeLabelGuards(request, context), ...foreignCluster(pod, enforcement.cluster), ...identity.guards, ...read.guards],
  });
}

async function updatedPod(request: AdmissionRequest, context: CheckContext): Promise<AdmissionFacts | null> {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement) return null;
  const pod = podOf(request);
  const guards = [...updateGuards((request.oldObject ?? {}) as PodLike, pod), ...runtimeLabelGuards(request, context)];
  if (guards.length === 0) return null;
  return factsOf(request, context, { ...enforcement, object: objectOf(request, pod), guards });
}

/** An update that changes nothing a verdict was given for is not a new question and leaves no receipt. */
export const checkPod: Check = (request, context) => (request.operation === 'CREATE' ? createdPod(request, context) : updatedPod(request, context));

/** Kubelets and the control plane are not asked about (register.ts): what comes here was written by hand. */
export const checkPodStatus: Check = async (request, context) => {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement || request.user === context.operatorUser) return null;
  const pod = podOf(request);
  const message = `status of pod ${request.namespace}/${request.name} is written by its kubelet and the control plane, not by ${request.user}`;
  const byHand = guard('StatusEditedByHand', message, 'leave the status alone; it follows what the node reports');
  return factsOf(request, context, {
    ...enforcement,
    object: objectOf(request, pod),
    guards: [byHand, ...updateGuards((request.oldObject ?? {}) as PodLike, pod)],
  });
};

export const checkEphemeralContainers: Check = async (request, context) => {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement) return null;
  const pod = podOf(request);
  const names = (pod.spec?.ephemeralContainers ?? []).map(({ name }) => name);
  return factsOf(request, context, { ...enforcement, object: objectOf(request, pod), guards: [ephemeralContainerGuard(names)] });
};

const pointer = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');

function addMissing(kind: 'labels' | 'annotations', present: Record<string, string> | undefined, wanted: Record<string, string>): unknown[] {
  const missing = Object.entries(wanted).filter(([key]) => present?.[key] === undefined);
  if (missing.length === 0) return [];
  if (!present) return [{ op: 'add', path: `/metadata/${kind}`, value: Object.fromEntries(missing) }];
  return missing.map(([key, value]) => ({ op: 'add', path: `/metadata/${kind}/${pointer(key)}`, value }));
}

const listed = (key: string, values: readonly string[]) => (values.length > 0 ? { [key]: values.join(',') } : {});

/** Gives pods of enforced namespaces the certified scheduler and their identity; applied again, it adds nothing. */
export const identifyPod: Mutation = async (request, context) => {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement) return [];
  const pod = podOf(request);
  const data = (await workloadOf(request.namespace, pod, context))?.data;
  const scheduler = pod.spec?.schedulerName;
  const labels = {
    [LABELS.cluster]: enforcement.cluster,
    ...(data
      ? { [LABELS.dataClassification]: data.classification, [LABELS.dataRegion]: data.sourceRegion, [LABELS.operationType]: data.operationType }
      : {}),
  };
  const annotations = data
    ? {
        ...listed(ANNOTATIONS.destinationRegions, data.destinationRegions),
        ...listed(ANNOTATIONS.regulations, data.regulations),
        ...listed(ANNOTATIONS.agreements, data.agreements),
      }
    : {};
  return [
    ...(scheduler === undefined || scheduler === 'default-scheduler' ? [{ op: 'add', path: '/spec/schedulerName', value: SCHEDULER_NAME }] : []),
    ...addMissing('labels', pod.metadata?.labels, labels),
    ...addMissing('annotations', pod.metadata?.annotations, annotations),
  ];
};
