// Pods that are placed together or not at all: the members of a group that are here, and all of them decided in one transaction.
import { stateKeys, type AdmissionRecord, type SchedulingDecision } from '../../types.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';
import { choose, type Choice } from './choose.js';
import { decide } from './decide.js';

interface Member {
  podUid: string;
  name: string;
}
export interface GroupChoice {
  /** Placed now, the asking pod among them; empty when all wait. */
  placed: { podUid: string; name: string; node: string }[];
  /** Of the asking pod. */
  choice: Choice;
}

const groupPrefix = (namespace: string, group: string) => `group/${namespace}/${group}/`;

function isLive(state: Overlay, podUid: string): boolean {
  const decision = state.read<SchedulingDecision>(stateKeys.decision(podUid));
  return decision?.state === 'Scheduled' || decision?.state === 'Running';
}

/** At the pod's release. */
export function leaveGroup(state: Overlay, { facts: { object, pod } }: AdmissionRecord): void {
  const group = pod?.constraints?.group;
  const key = group && groupPrefix(object.namespace, group.name) + object.uid;
  if (key !== undefined && state.read(key) !== undefined) state.remove(key);
}

function waits(message: string): GroupChoice {
  return { placed: [], choice: { node: null, refused: false, message: `waiting: ${message}`, nodes: [] } };
}

/** `asker` or its tenants pay the scheduling fee of every member. Throws Refusal. */
export function placeGroup(state: Overlay, block: BlockContext, asker: string, admission: AdmissionRecord): GroupChoice {
  const { object, pod } = admission.facts;
  const { name, size } = pod!.constraints!.group!;
  const prefix = groupPrefix(object.namespace, name);
  state.write(prefix + object.uid, { podUid: object.uid, name: object.name } satisfies Member);
  const members = state.records<Member>(prefix);
  if (members.length < size) return waits(`${members.length} of the ${size} pods of group ${name} are here`);
  // On a layer of its own: what cannot be placed whole leaves nothing behind.
  const trial = state.fork();
  const placed: GroupChoice['placed'] = [];
  let own: Choice | undefined;
  for (const member of members) {
    if (isLive(trial, member.podUid)) continue;
    const admitted = trial.read<AdmissionRecord>(stateKeys.admission(member.podUid));
    if (!admitted) continue;
    const choice = choose(trial, block, admitted);
    if (choice.node === null) return { placed: [], choice: { ...choice, message: `waiting: group ${name} is placed whole, and its pod ${member.name} is ${choice.message}` } };
    decide(trial, block, asker, admitted, { ...choice, node: choice.node });
    placed.push({ ...member, node: choice.node });
    if (member.podUid === object.uid) own = choice;
  }
  state.adopt(trial);
  return { placed, choice: own! };
}
