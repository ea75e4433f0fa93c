// Policy changes by vote: each proposal carries the list of running workloads whose light it would change, computed by every validator (agreement 5.3, 7.2).
import { evaluate } from '../../../../policy/evaluate.js';
import type { AdmissionFacts, PolicySet } from '../../../../policy/types.js';
import { stateKeys, type AdmissionRecord, type NodeRecord, type SchedulingDecision } from '../../../types.js';
import type { AffectedWorkloads, PolicyChange, ProposalContent } from '../../../governanceTypes.js';
import { Refusal } from '../../ledgerError.js';
import type { BlockContext } from '../../operation.js';
import { changePolicyMember, mayChangePolicyMember } from '../../policySet/policySetOperations.js';
import type { Overlay } from '../../state.js';

type Content = ProposalContent<'PolicyChange'>;

const MAX_LISTED = 200;
/** Evaluating more would take a block too long. */
const MAX_EVALUATED = 5_000;

function check(state: Overlay, block: BlockContext, { changes }: Content): void {
  if (changes.length === 0) throw new Refusal('InvalidProposal', 'content.changes is empty; name a policy or rule');
  for (const change of changes) mayChangePolicyMember(state, block, change);
}

function apply(state: Overlay, block: BlockContext, { changes }: Content, id: string): string {
  for (const change of changes) changePolicyMember(state, block, change, id);
  return `${changes.map(({ do: what, name }) => `${what} ${name}`).join(', ')}: in force from block ${block.height + 1} on`;
}

function affected(state: Overlay, block: BlockContext, { changes }: Content): AffectedWorkloads {
  const before = block.policy.set;
  const after = changes.reduce(changedPolicies, before);
  const list: AffectedWorkloads['list'] = [];
  let [evaluated, changed] = [0, 0];
  for (const [, text] of state.list(stateKeys.decision(''))) {
    const { state: place, pod, targetNode } = JSON.parse(text) as SchedulingDecision;
    if (place !== 'Scheduled' && place !== 'Running') continue;
    if (++evaluated > MAX_EVALUATED) throw new Refusal('LimitReached', `more than ${MAX_EVALUATED} pods run; change fewer policies of smaller clusters at once`);
    const facts = { ...state.read<AdmissionRecord>(stateKeys.admission(pod.uid))!.facts, time: block.timestamp };
    const region = state.read<NodeRecord>(stateKeys.node(targetNode))?.region;
    const [from, to] = [lightOf(before, facts, region), lightOf(after, facts, region)];
    if (from === to) continue;
    changed += 1;
    if (list.length < MAX_LISTED) list.push({ pod, from, to });
  }
  return { evaluated, changed, list };
}

/** Where it runs counts too: a pod on a node in a region that is not allowed would not be placed there again. */
function lightOf(set: PolicySet, facts: AdmissionFacts, region: string | undefined): string {
  const { light, decision, allowedRegions } = evaluate(set, facts);
  const outside = region !== undefined && allowedRegions !== null && !allowedRegions.includes(region);
  return decision === 'refuse' || outside ? 'Red' : light;
}

function changedPolicies(set: PolicySet, change: PolicyChange): PolicySet {
  const { name } = change;
  const others = <T extends { name: string }>(members: readonly T[]) => members.filter((member) => member.name !== name);
  const named = { name, uid: '', generation: 0 };
  switch (change.do) {
    case 'removePolicy':
      return { ...set, policies: others(set.policies) };
    case 'removeRule':
      return { ...set, rules: others(set.rules) };
    case 'putPolicy':
      return { ...set, policies: [...others(set.policies), { ...named, spec: change.spec }].sort(byName) };
    case 'putRule':
      return { ...set, rules: [...others(set.rules), { ...named, spec: change.spec }].sort(byName) };
  }
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

export const policyChangeRules = { check, apply, affected };
