// When a PolicyException may be taken into the policy set: its targets are there, it ends in time, and enough of those whom each target names have signed it; of a break-glass, whom the cluster names.
import type { BisoPolicySpec, EncClusterSpec, ExceptionTarget, PolicyExceptionSpec, TrafficRuleSpec } from '../../../api/index.js';
import { approversOf } from '../../../policy/exceptions.js';
import { LedgerError, Refusal } from '../ledgerError.js';
import type { Overlay } from '../state.js';
import { findMember, specAt } from './policySet.js';

const LONGEST_MS = 366 * 86_400_000;
const MINUTE_MS = 60_000;

/** Throws Refusal 'Expired', 'TooLong', 'UnknownTarget' or 'NotApproved'. */
export function mustBeApproved(state: Overlay, timestamp: number, { name, spec }: { name: string; spec: PolicyExceptionSpec }): void {
  const left = Date.parse(spec.expiresAt) - timestamp;
  if (!(left > 0)) throw new Refusal('Expired', `spec.expiresAt ${spec.expiresAt} of PolicyException ${name} is past; give it a later one and have it signed again`);
  if (spec.breakGlass) return mustBeEmergency(state, left, name, spec, spec.breakGlass.cluster);
  if (left > LONGEST_MS)
    throw new Refusal('TooLong', `spec.expiresAt ${spec.expiresAt} of PolicyException ${name} is more than 366 days ahead; let it end earlier and renew it`);
  spec.targets.forEach((target, index) => mustBeSignedFor(state, name, spec, target, index));
}

/** Of a break-glass that ends in `left` ms. */
function mustBeEmergency(state: Overlay, left: number, name: string, spec: PolicyExceptionSpec, cluster: string): void {
  const at = `spec.breakGlass of PolicyException ${name}`;
  const member = findMember(state, 'EncCluster', cluster);
  if (!member) throw new Refusal('UnknownTarget', `${at}: EncCluster ${cluster} is not registered; correct the name`);
  const { breakGlass } = specAt<EncClusterSpec>(state, member.hash);
  if (!breakGlass) throw new Refusal('NotApproved', `${at}: EncCluster ${cluster} was registered without spec.breakGlass, so nobody can open its policies at once; ask each policy's approvers for a PolicyException`);
  const { approvers, required, maxMinutes } = breakGlass;
  if (left > maxMinutes * MINUTE_MS)
    throw new Refusal('TooLong', `spec.expiresAt ${spec.expiresAt} of PolicyException ${name} is more than ${maxMinutes} minutes ahead, the most that EncCluster ${cluster} allows; let it end earlier and have it signed again when it must last`);
  if (!approversOf(spec, breakGlass))
    throw new Refusal('NotApproved', `${at}: EncCluster ${cluster} asks for ${required} signatures of ${approvers.map((approver) => approver.name).join(', ')}, which spec.approvals does not have (kubectl enc exception sign)`);
}

function mustBeSignedFor(state: Overlay, name: string, spec: PolicyExceptionSpec, target: ExceptionTarget, index: number): void {
  const at = `spec.targets[${index}] of PolicyException ${name}`;
  const { exceptionApproval } = specOf(state, target, at);
  if (!exceptionApproval)
    throw new Refusal('NotApproved', `${at}: ${target.kind} ${target.name} allows no exceptions, for it has no spec.exceptionApproval`);
  if (approversOf(spec, exceptionApproval)) return;
  const { approvers, required } = exceptionApproval;
  throw new Refusal(
    'NotApproved',
    `${at}: ${target.kind} ${target.name} asks for ${required} signatures of ${approvers.map((approver) => approver.name).join(', ')}, which spec.approvals does not have (kubectl enc exception sign)`,
  );
}

function specOf(state: Overlay, { kind, name, rules = [] }: ExceptionTarget, at: string): BisoPolicySpec | TrafficRuleSpec {
  const member = findMember(state, kind, name);
  if (!member) throw new Refusal('UnknownTarget', `${at}: ${kind} ${name} is not in the policy set; apply it first, or correct the name`);
  if (kind === 'TrafficRule') return specAt<TrafficRuleSpec>(state, member.hash);
  const policy = specAt<BisoPolicySpec>(state, member.hash);
  if (!policy.rules) throw new LedgerError('MissingState', `object ${member.hash} is no BisoPolicy`);
  const unknown = rules.find((rule) => !policy.rules.some((known) => known.name === rule));
  if (unknown !== undefined)
    throw new Refusal('UnknownTarget', `${at}: BisoPolicy ${name} has no rule ${unknown}; its rules are ${policy.rules.map((rule) => rule.name).join(', ')}`);
  return policy;
}
