// Exec, attach, port-forward and proxies: a connection carries a pod's data to whoever opened it, so it is judged as a flow to that person's region.
import { REGION_GROUP, REGIONS } from '../../api/labels.js';
import { stateKeys, type AdmissionRecord } from '../../chain/types.js';
import type { AdmissionFacts, Violation } from '../../policy/types.js';
import { guard } from '../../policy/violation.js';
import type { AdmissionRequest } from '../admission/review.js';
import { factsOf, type Check } from './check.js';
import { enforcementOf } from './enforcement.js';

/** Regions of the person's groups; whoever is in none may be anywhere. */
export function regionsOf(groups: readonly string[]): string[] {
  const named = groups.filter((group) => group.startsWith(REGION_GROUP)).map((group) => group.slice(REGION_GROUP.length));
  const known = REGIONS.filter((region) => named.includes(region));
  return known.length > 0 ? known.toSorted() : ['Global'];
}

const nothingKnown = ({ namespace, name }: AdmissionRequest): Violation =>
  guard(
    'NotAdmitted',
    `pod ${namespace}/${name} was never admitted by a verdict, so nobody knows what data a connection to it would carry`,
    'delete the pod; its controller makes one that is admitted',
  );

/** The data is what the pod was admitted with; where it goes is where the person is. */
function flowOf({ facts }: AdmissionRecord, groups: readonly string[]): Pick<AdmissionFacts, 'data' | 'pod' | 'workload'> {
  return { data: { ...facts.data!, destinationRegions: regionsOf(groups), operationType: 'Transfer' }, pod: facts.pod, workload: facts.workload };
}

export const checkConnect: Check = async (request, context) => {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement) return null;
  const uid = (await context.podUid(request.namespace, request.name)) ?? '';
  const admission = uid === '' ? undefined : (await context.client.getState<AdmissionRecord>(stateKeys.admission(uid))).value;
  const object = { kind: 'Pod', namespace: request.namespace, name: request.name, uid, specHash: admission?.facts.object.specHash ?? '' };
  const known = admission?.facts.data ? flowOf(admission, request.groups) : { guards: [nothingKnown(request)] };
  return factsOf(request, context, { ...enforcement, object, ...known });
};

/** A Service stands for whichever pod answers, so nobody can say what data the connection would carry. */
export const checkServiceProxy: Check = async (request, context) => {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement) return null;
  const message = `the proxy to Service ${request.namespace}/${request.name} would carry data of a pod that nobody can tell beforehand`;
  return factsOf(request, context, {
    ...enforcement,
    object: { kind: 'Service', namespace: request.namespace, name: request.name, uid: '', specHash: '' },
    guards: [guard('ServiceProxy', message, 'use kubectl port-forward to a pod, which is judged by that pod’s data')],
  });
};

/** What a kubelet tells without giving anybody a way into its pods. */
const HARMLESS_NODE_PATHS = /^\/?(healthz|metrics(\/[a-z]+)?|stats\/summary)?$/;

/** The kubelet's own API runs commands in any of its pods. */
export const checkNodeProxy: Check = (request, context) => {
  const options = request.object as { path?: unknown } | null;
  const path = typeof options?.path === 'string' ? options.path : '';
  if (context.client.policySet().clusters.length === 0 || HARMLESS_NODE_PATHS.test(path)) return Promise.resolve(null);
  const message = `the proxy to node ${request.name} (${path.slice(0, 200)}) reaches the kubelet, which would let anybody into pods unseen`;
  return Promise.resolve(
    factsOf(request, context, {
      namespace: { name: '', labels: {} },
      object: { kind: 'Node', namespace: '', name: request.name, uid: '', specHash: '' },
      guards: [guard('NodeProxy', message, 'use kubectl exec, attach, logs or port-forward, which are judged; metrics, healthz and stats/summary are open')],
    }),
  );
};
