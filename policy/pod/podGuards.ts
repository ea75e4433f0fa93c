// What refuses a pod before any policy is asked: ways around the certified path, and changes after admission.
import { GROUP, LABELS, REGIONS, SCHEDULER_NAME } from '../../api/labels.js';
import type { Violation } from '../types.js';
import { guard } from '../violation.js';
import { unweighedConstraints } from './constraintsFrom.js';
import { pinnedRegions } from './podFacts.js';
import type { PodLike, PodSpecLike } from './podLike.js';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const SOURCE_ANNOTATION = 'kubernetes.io/config.source';

/** A region that no node can be in, or two that no node can be in at once. */
function regionGuards(spec: PodSpecLike): Violation[] {
  const pinned = pinnedRegions(spec);
  const cure = `name one of ${REGIONS.filter((region) => region !== 'Global').join(', ')} in nodeSelector or affinity`;
  if (pinned?.length === 0) return [guard('ContradictoryRegions', `nodeSelector and required node affinity on ${LABELS.region} leave no region`, cure)];
  const unknown = pinned?.find((region) => region === 'Global' || !(REGIONS as readonly string[]).includes(region));
  return unknown === undefined ? [] : [guard('UnknownRegion', `the pod asks for a node in region "${unknown}", in which none can be`, cure)];
}

export function creationGuards({ metadata, spec = {} }: PodLike): Violation[] {
  const guards: Violation[] = [];
  if (spec.nodeName) guards.push(guard('NodeNamePreset', `spec.nodeName is "${spec.nodeName}", which would skip the certified placement`, 'leave spec.nodeName out; pin a region with nodeSelector topology.kubernetes.io/region where one is needed'));
  if (spec.schedulerName !== SCHEDULER_NAME) guards.push(guard('WrongScheduler', `spec.schedulerName is "${spec.schedulerName ?? ''}"`, `leave it out or set it to ${SCHEDULER_NAME}`));
  const source = metadata?.annotations?.[SOURCE_ANNOTATION];
  if (metadata?.annotations?.[MIRROR_ANNOTATION] !== undefined || (source !== undefined && source !== 'api')) guards.push(guard('MirrorPod', 'it is a static pod\'s mirror, which a kubelet runs without asking', 'create the pod through the API'));
  const unsupported = unweighedConstraints({ metadata, spec });
  if (unsupported.length > 0) guards.push(guard('UnsupportedConstraint', `certified placement does not weigh ${unsupported.join(', ')}`, 'state it as a preference (preferredDuringScheduling…, ScheduleAnyway), or leave it out'));
  return [...guards, ...regionGuards(spec)];
}

/** Fields of a pod's spec that may change after admission without changing what was agreed on. */
const FREE_FIELDS: readonly string[] = ['nodeName', 'schedulingGates', 'activeDeadlineSeconds', 'terminationGracePeriodSeconds'];

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function changedKeys(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !same(before[key], after[key])).toSorted();
}

/** Identity labels and annotations are what the verdict was given for; other labels may change. */
export function updateGuards(before: PodLike, after: PodLike): Violation[] {
  const fields = changedKeys(before.spec ?? {}, after.spec ?? {}).filter((field) => !FREE_FIELDS.includes(field));
  const labels = changedKeys(before.metadata?.labels ?? {}, after.metadata?.labels ?? {}).filter((key) => key.startsWith(`${GROUP}/`) || Object.values<string>(LABELS).includes(key));
  const annotations = changedKeys(before.metadata?.annotations ?? {}, after.metadata?.annotations ?? {}).filter((key) => key.startsWith(`${GROUP}/`));
  const cure = 'change the Workload (or the controller that owns the pod), so that a new pod asks for a new verdict';
  const changed = [...fields.map((field) => `spec.${field}`), ...labels.map((key) => `label ${key}`), ...annotations.map((key) => `annotation ${key}`)];
  return changed.map((what) => guard('ChangedAfterAdmission', `${what} was changed after the pod was admitted`, cure));
}

export function ephemeralContainerGuard(names: readonly string[]): Violation {
  return guard('EphemeralContainer', `ephemeral containers (${names.join(', ')}) would run beside what was admitted`, 'debug a copy of the workload in a namespace that is not enforced');
}
