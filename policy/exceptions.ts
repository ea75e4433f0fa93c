// Which PolicyExceptions a request falls under: not expired, of its scope, and signed by enough of those whom the policy itself names; of a break-glass, whom the cluster names.
import type { ExceptionApproval, PolicyExceptionSpec } from '../api/index.js';
import type { CompiledPolicySet } from './compiledPolicySet.js';
import { inForce } from './court/checkAgreements.js';
import { selects } from './labelSelector.js';
import type { AdmissionFacts, AppliedException, Named } from './types.js';

type Exception = Named<PolicyExceptionSpec>;
export interface ExceptableRule {
  kind: 'BisoPolicy' | 'TrafficRule';
  name: string;
  /** '' for a TrafficRule. */
  rule: string;
  approval: ExceptionApproval | undefined;
  /** A Green or Yellow TrafficRule, which an emergency needs no opening of. */
  permits?: boolean;
}
/** Says whether a rule is not to be asked, and remembers that it said so. */
export interface Excepting {
  from(rule: ExceptableRule): AppliedException | undefined;
  applied(): AppliedException[];
}
export const NO_EXCEPTIONS: Excepting = { from: () => undefined, applied: () => [] };

/** Half-open: at `expiresAt` it does nothing any more. A time that cannot be read is in the past. */
const isCurrent = ({ spec }: Exception, time: number) => time < Date.parse(spec.expiresAt);

/** A Workload is meant by the record on the chain, never by a label that names it. */
const workloadOf = ({ workload, object }: AdmissionFacts) => (object.kind === 'Workload' ? object.name : workload?.name);

function covers({ spec: { scope } }: Exception, facts: AdmissionFacts): boolean {
  const workload = workloadOf(facts);
  return (
    facts.object.namespace === facts.namespace.name &&
    scope.namespaces.includes(facts.namespace.name) &&
    (scope.workloads === undefined || (workload !== undefined && scope.workloads.includes(workload))) &&
    (scope.podSelector === undefined || (facts.pod !== null && selects(scope.podSelector, facts.pod.labels)))
  );
}

/** Names of the approvers who signed, when they are as many as the policy requires; undefined when they are not. Signatures were checked when it was taken onto the ledger. */
export function approversOf({ approvals }: Pick<PolicyExceptionSpec, 'approvals'>, approval: ExceptionApproval | undefined): string[] | undefined {
  if (!approval) return undefined;
  const signed = approval.approvers.filter(({ publicKey }) => approvals.some((given) => given.publicKey === publicKey));
  return signed.length >= approval.required ? signed.map(({ name }) => name) : undefined;
}

const isTarget = ({ spec }: Exception, { kind, name, rule }: ExceptableRule) =>
  spec.targets.some((target) => target.kind === kind && target.name === name && (kind === 'TrafficRule' || (target.rules ?? []).includes(rule)));

type InForce = Pick<CompiledPolicySet, 'exceptions' | 'clusters' | 'agreements'>;

/** What parties of an agreement in force rely on is theirs: no emergency of the cluster opens it. */
const isPinned = ({ agreements }: InForce, { kind, name }: ExceptableRule, time: number): boolean =>
  kind === 'BisoPolicy' && [...agreements.values()].some((agreement) => inForce(agreement, time) && agreement.spec.terms.requiredPolicies.includes(name));

/** Who has to have signed for this rule not to be asked; undefined when nobody's signature does that. */
function approvalFor(set: InForce, exception: Exception, rule: ExceptableRule, { cluster, time }: AdmissionFacts): ExceptionApproval | undefined {
  const { breakGlass } = exception.spec;
  if (!breakGlass) return isTarget(exception, rule) ? rule.approval : undefined;
  if (breakGlass.cluster !== cluster || rule.permits || isPinned(set, rule, time)) return undefined;
  return set.clusters.find(({ name }) => name === cluster)?.spec.breakGlass;
}

/** Exceptions by name: of several that fit, the first counts. */
export function exceptingFor(set: InForce, facts: AdmissionFacts): Excepting {
  const current = set.exceptions.filter((exception) => isCurrent(exception, facts.time) && covers(exception, facts));
  if (current.length === 0) return NO_EXCEPTIONS;
  const used = new Map<string, AppliedException>();
  return {
    from(rule) {
      for (const exception of current) {
        const approvers = approversOf(exception.spec, approvalFor(set, exception, rule, facts));
        if (!approvers) continue;
        const { breakGlass, reason, expiresAt } = exception.spec;
        const applied: AppliedException = { name: exception.name, kind: rule.kind, policy: rule.name, rule: rule.rule, approvers, reason, expiresAt, ...(breakGlass ? { breakGlass: true } : {}) };
        used.set(`${rule.kind}/${rule.name}/${rule.rule}`, applied);
        return applied;
      }
      return undefined;
    },
    applied: () => [...used.values()],
  };
}
