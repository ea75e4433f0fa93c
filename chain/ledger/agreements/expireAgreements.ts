// Ends, at a block's begin, the agreements whose time is over.
import type { PolicySet } from '../../../policy/types.js';
import { stateKeys, type AgreementRecord } from '../../types.js';
import type { BlockContext } from '../operation.js';
import { changeMembers } from '../policySet/policySet.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';

const expiries = new WeakMap<PolicySet, { name: string; hash: string; at: number }[]>();

/** Of those in force, the soonest first. */
function expiriesOf(set: PolicySet) {
  const known = expiries.get(set);
  if (known) return known;
  const found = set.agreements
    .filter(({ state }) => state === 'InForce')
    .map(({ name, hash, spec }) => ({ name, hash, at: Date.parse(spec.terms.validUntil) }))
    .sort((a, b) => a.at - b.at);
  expiries.set(set, found);
  return found;
}

/** `block.policy.set` is the current set, for no operation was executed yet. */
export function expireAgreements(state: Overlay, block: BlockContext): SystemEvent[] {
  const ended = expiriesOf(block.policy.set).filter(({ at }) => at <= block.timestamp);
  if (ended.length === 0) return [];
  const names = new Set(ended.map(({ name }) => name));
  changeMembers(state, block, (members) =>
    members.map((member) => (member.kind === 'Agreement' && names.has(member.name) ? { ...member, state: 'Expired' } : member)),
  );
  for (const { hash } of ended) {
    const key = stateKeys.agreement(hash);
    state.write(key, { ...state.read<AgreementRecord>(key)!, state: 'Expired' } satisfies AgreementRecord);
  }
  return ended.map(({ name, hash, at }) =>
    event('agreement.expire', { kind: 'Agreement', name }, 'Expired', `Agreement ${name} was valid until ${new Date(at).toISOString()}`, { hash }),
  );
}
