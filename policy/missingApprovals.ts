// Whose signatures a PolicyException still lacks before the ledger takes it, for a person who applies it.
import type { ExceptionApproval, PolicyExceptionSpec } from '../api/index.js';
import { approversOf } from './exceptions.js';
import type { PolicySet } from './types.js';

function missing(spec: PolicyExceptionSpec, of: string, approval: ExceptionApproval | undefined, without: string): string | undefined {
  if (!approval) return `${of} ${without}; the validators will not take this exception`;
  if (approversOf(spec, approval)) return undefined;
  const signed = approval.approvers.filter(({ publicKey }) => spec.approvals?.some((given) => given.publicKey === publicKey)).length;
  const names = approval.approvers.map(({ name }) => name).join(', ');
  return `${of} asks for ${approval.required} signatures of ${names}, ${signed} are there; the validators will not take this exception before the others are (kubectl enc exception sign)`;
}

/** One sentence for each target that is not there, allows none, or is not signed for by enough; none when all is well. */
export function missingApprovals(set: PolicySet, spec: PolicyExceptionSpec): string[] {
  if (spec.breakGlass) {
    const { cluster } = spec.breakGlass;
    const found = set.clusters.find(({ name }) => name === cluster);
    if (!found) return [`EncCluster ${cluster} is not registered; the validators will not take this exception`];
    return [missing(spec, `EncCluster ${cluster}`, found.spec.breakGlass, 'was registered without spec.breakGlass')].filter((text) => text !== undefined);
  }
  return (spec.targets ?? []).flatMap(({ kind, name }) => {
    const found = (kind === 'BisoPolicy' ? set.policies : set.rules).find((member) => member.name === name);
    if (!found) return [`${kind} ${name} is not in force; the validators will not take this exception`];
    return missing(spec, `${kind} ${name}`, found.spec.exceptionApproval, 'allows no exceptions, for it has no spec.exceptionApproval') ?? [];
  });
}
