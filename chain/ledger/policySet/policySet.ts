// The versions of the policy set: immutable records of members by hash, put together from content-addressed specs (ADR 2).
import { LRUCache } from 'lru-cache';
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import type { PolicySet } from '../../../policy/types.js';
import { stateKeys, VERDICT_WINDOW_MS, type PolicySetMember, type PolicySetPointer, type PolicySetRecord } from '../../types.js';
import { assemblePolicySet } from '../../client/assemblePolicySet.js';
import { LedgerError, Refusal } from '../ledgerError.js';
import type { Overlay, StateReader } from '../state.js';

/** Keeps a version of the set, which is one record, at a size that clients can fetch and hash in milliseconds. */
export const MAX_MEMBERS = 2_000;

type MemberKind = PolicySetMember['kind'];

// A remembered set counts only for the same content: two proposals for one height may make different sets.
const sets = new LRUCache<number, { text: string; set: PolicySet }>({ max: 32 });
const specs = new LRUCache<string, object>({ max: 4_096 });

export function policyPointer(reader: StateReader): PolicySetPointer {
  return JSON.parse(mustHave(reader, stateKeys.currentPolicySet)) as PolicySetPointer;
}

/** The set as it was made at that height; undefined when none was. The same object for the same content. */
export function policySetAt(reader: StateReader, policyHeight: number): PolicySet | undefined {
  const text = reader.get(stateKeys.policySet(policyHeight));
  if (text === undefined) return undefined;
  const known = sets.get(policyHeight);
  if (known?.text === text) return known.set;
  const set = assemblePolicySet(JSON.parse(text) as PolicySetRecord, (hash) => specAt(reader, hash));
  sets.set(policyHeight, { text, set });
  return set;
}

/** A spec by its hash. */
export function specAt<S extends object>(reader: StateReader, hash: string): S {
  const known = specs.get(hash);
  if (known) return known as S;
  const spec = JSON.parse(mustHave(reader, stateKeys.object(hash))) as S;
  specs.set(hash, spec);
  return spec;
}

function mustHave(reader: StateReader, key: string): string {
  const text = reader.get(key);
  if (text === undefined) throw new LedgerError('MissingState', `the state has no record ${key}; it is not that of this chain, or not complete`);
  return text;
}

/** The members that the next block is judged by. */
export function currentMembers(state: Overlay): readonly PolicySetMember[] {
  const { policyHeight } = state.read<PolicySetPointer>(stateKeys.currentPolicySet)!;
  return state.read<PolicySetRecord>(stateKeys.policySet(policyHeight))!.members;
}

export function findMember(state: Overlay, kind: MemberKind, name: string): PolicySetMember | undefined {
  return currentMembers(state).find((member) => member.kind === kind && member.name === name);
}

/** Adds the member, or puts it in the place of the one of its kind and name. Throws Refusal 'LimitReached'. */
export function putMember(state: Overlay, at: { height: number; timestamp: number }, member: Omit<PolicySetMember, 'hash'>, spec: object): void {
  if (currentMembers(state).length >= MAX_MEMBERS && !findMember(state, member.kind, member.name))
    throw new Refusal('LimitReached', `the policy set has ${MAX_MEMBERS} members, which is the most it may have; remove some first`);
  const hash = sha256OfJson(spec);
  if (state.read(stateKeys.object(hash)) === undefined) state.write(stateKeys.object(hash), spec);
  changeMembers(state, at, (members) => [...members.filter((other) => !sameObject(other, member)), { ...member, hash }].sort(byKindAndName));
}

export function removeMember(state: Overlay, at: { height: number; timestamp: number }, member: PolicySetMember): void {
  changeMembers(state, at, (members) => members.filter((other) => !sameObject(other, member)));
}

/** Makes this block's version of the set from the current one; all changes of a block make one version. */
export function changeMembers(
  state: Overlay,
  { height, timestamp }: { height: number; timestamp: number },
  change: (members: readonly PolicySetMember[]) => PolicySetMember[],
): void {
  const members = change(currentMembers(state));
  const pointer = state.read<PolicySetPointer>(stateKeys.currentPolicySet)!;
  state.write(stateKeys.policySet(height), { policyHeight: height, members } satisfies PolicySetRecord);
  if (pointer.policyHeight === height) return;
  const recent = pointer.recent.filter(({ replacedAt }) => replacedAt >= timestamp - VERDICT_WINDOW_MS);
  const replaced = { policyHeight: pointer.policyHeight, replacedAt: timestamp };
  state.write(stateKeys.currentPolicySet, { policyHeight: height, recent: [...recent, replaced] } satisfies PolicySetPointer);
}

const sameObject = (a: { kind: string; name: string }, b: { kind: string; name: string }) => a.kind === b.kind && a.name === b.name;
const sortKey = ({ kind, name }: PolicySetMember) => `${kind}/${name}`;
const byKindAndName = (a: PolicySetMember, b: PolicySetMember) => (sortKey(a) < sortKey(b) ? -1 : 1);
