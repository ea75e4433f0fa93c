// A policy set from its record and the specs that it names by hash: the same for the same record on every machine, validators and clients included.
import type { AgreementSpec, BisoPolicySpec, EncClusterSpec, PolicyExceptionSpec, TrafficRuleSpec } from '../../api/index.js';
import type { Named, PolicySet } from '../../policy/types.js';
import { agreementHash } from './agreementSignatures.js';
import type { PolicySetMember, PolicySetRecord } from '../types.js';

export function assemblePolicySet({ policyHeight, members }: PolicySetRecord, specOf: (hash: string) => object): PolicySet {
  const of = <S>(kind: PolicySetMember['kind']): (Named<S> & { member: PolicySetMember })[] =>
    members
      .filter((member) => member.kind === kind)
      .map((member) => ({ name: member.name, uid: member.uid, generation: member.generation, spec: specOf(member.hash) as S, member }));
  const plain = <S>(kind: PolicySetMember['kind']): Named<S>[] => of<S>(kind).map(({ member: _, ...named }) => named);
  return {
    policyHeight,
    clusters: plain<EncClusterSpec>('EncCluster'),
    agreements: of<AgreementSpec>('Agreement').map(({ member, ...named }) => ({ ...named, state: member.state!, hash: agreementHash(named.spec) })),
    policies: plain<BisoPolicySpec>('BisoPolicy'),
    rules: plain<TrafficRuleSpec>('TrafficRule'),
    exceptions: plain<PolicyExceptionSpec>('PolicyException'),
  };
}
