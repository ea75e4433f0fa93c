// Decides the next step for a running pod whose judgement calls for one: move it, cut it off, remove it, or let it be. Pure.
import { RUNTIME_LABELS } from '../../api/labels.js';
import type { Pod } from '../runtime/kubeObject.js';
import type { Judgement } from './judge.js';

/** On the old pod of a move: the uids of its controller's pods before the move, by which the one that takes its place is told. */
export const BEFORE_ANNOTATION = 'runtime.enc.metanode.io/before';
/** By it a ReplicaSet knows its pods: without it the pod runs on and another is made in its place. */
export const TEMPLATE_HASH = 'pod-template-hash';

export type Step =
  | { do: 'nothing'; why: string }
  /** Its controller makes another pod, which asks for its own verdict and placement. */
  | { do: 'detach'; controller: string; before: string[] }
  | { do: 'removeMoved'; replacedBy: Pod }
  | { do: 'cut' }
  | { do: 'restore' }
  | { do: 'stop' }
  | { do: 'mark'; region: string };

export interface Seen {
  pod: Pod;
  judgement: Judgement;
  region: string | undefined;
  /** Of the pod's namespace. */
  neighbours: readonly Pod[];
}

const nothing = (why: string): Step => ({ do: 'nothing', why });
const controllerOf = ({ metadata }: Pod) => metadata.ownerReferences?.find(({ controller }) => controller);
const isReady = ({ status, metadata }: Pod) =>
  metadata.deletionTimestamp === undefined && status?.phase === 'Running' && (status.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');

/** The old pod goes only when the new one serves. */
function moving(controller: string, { pod, neighbours }: Seen): Step {
  const before = new Set((pod.metadata.annotations?.[BEFORE_ANNOTATION] ?? '').split(','));
  const replacement = neighbours.find((one) => controllerOf(one)?.uid === controller && !before.has(one.metadata.uid) && isReady(one));
  return replacement ? { do: 'removeMoved', replacedBy: replacement } : nothing('waiting until the pod in its place is placed and ready');
}

function migrate(seen: Seen): Step {
  const { pod, neighbours } = seen;
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet' || pod.metadata.labels?.[TEMPLATE_HASH] === undefined) return cut(seen);
  const underWay = neighbours.some(({ metadata }) => metadata.labels?.[RUNTIME_LABELS.moving] === owner.uid);
  if (underWay) return nothing('another pod of its ReplicaSet is being moved');
  return { do: 'detach', controller: owner.uid, before: neighbours.filter((one) => controllerOf(one)?.uid === owner.uid).map(({ metadata }) => metadata.uid) };
}

const isCut = ({ metadata }: Pod) => metadata.labels?.[RUNTIME_LABELS.cut] === 'true';
const cut = ({ pod }: Seen): Step => (isCut(pod) ? nothing('its connections are cut') : { do: 'cut' });

const hasEnded = ({ metadata, status }: Pod) => metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed';

export function decide(seen: Seen): Step {
  const { pod, judgement, region } = seen;
  if (hasEnded(pod)) return nothing('it has ended');
  if (pod.spec.nodeName === undefined) return nothing('it is not placed');
  const controller = pod.metadata.labels?.[RUNTIME_LABELS.moving];
  if (controller !== undefined) return moving(controller, seen);
  if (judgement.remedy === 'stop') return { do: 'stop' };
  if (judgement.remedy === 'cut') return cut(seen);
  if (judgement.remedy === 'migrate') return migrate(seen);
  if (isCut(pod)) return { do: 'restore' };
  return region !== undefined && pod.metadata.labels?.[RUNTIME_LABELS.region] !== region ? { do: 'mark', region } : nothing('it may run as it does');
}
