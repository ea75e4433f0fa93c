// The court's part of a verdict: are the agreements the data is processed under in force, and do they cover it (the plan: court_integration; agreement 8.2).
import type { CompiledPolicySet } from '../compiledPolicySet.js';
import { anyRegion, coversRegion } from '../regions.js';
import { LABELS } from '../../api/labels.js';
import { FLOW_OPERATION, type AdmissionFacts, type AgreementFacts, type DataFacts, type PolicySet, type Verdict, type Violation } from '../types.js';

type Agreement = PolicySet['agreements'][number];

function agreementViolation(name: string, rule: string, message: string, cure: string, clause = ''): Violation {
  return { kind: 'Agreement', name, rule, clause, regulation: '', message, cure, action: 'reject_workload' };
}

/** Half-open: valid from `validFrom` on, no more at `validUntil`. */
export function inForce(agreement: Agreement, time: number): boolean {
  return agreement.state === 'InForce' && Date.parse(agreement.spec.terms.validFrom) <= time && time < Date.parse(agreement.spec.terms.validUntil);
}

function notInForce(agreement: Agreement, time: number): Violation {
  const { validFrom, validUntil } = agreement.spec.terms;
  const why = agreement.state !== 'InForce' ? `it is ${agreement.state}` : time < Date.parse(validFrom) ? `it begins at ${validFrom}` : `it ended at ${validUntil}`;
  return agreementViolation(agreement.name, 'in-force', `agreement ${agreement.name} is not in force: ${why}`, 'name an agreement that is in force', agreement.spec.terms.purpose);
}

/** The party whose data a namespace holds, where it says so. */
const partyOf = ({ namespace }: AdmissionFacts): string | undefined => namespace.labels[LABELS.party];

/** What of the data lies outside the agreement's terms; '' when it is covered. */
function uncovered(agreement: Agreement, facts: AdmissionFacts, data: DataFacts): string {
  const processedIn = facts.pod?.pinnedRegions ?? [];
  const party = partyOf(facts);
  if (party !== undefined && !agreement.spec.parties.some(({ name }) => name === party)) return `party ${party} (its parties are ${agreement.spec.parties.map(({ name }) => name).join(', ')})`;
  const { classifications, regions, regulations } = agreement.spec.terms;
  if (classifications.length > 0 && !classifications.includes(data.classification)) return `class ${data.classification} (it covers ${classifications.join(', ')})`;
  const outside = [data.sourceRegion, ...processedIn].find((region) => !coversRegion(regions, region));
  if (outside !== undefined) return `region ${outside} (it covers ${regions.join(', ')})`;
  const missing = regulations.length > 0 ? data.regulations.find((regulation) => !regulations.includes(regulation)) : undefined;
  return missing === undefined ? '' : `regulation ${missing} (it covers ${regulations.join(', ')})`;
}

export interface LegalFinding {
  legal: Verdict['legal'];
  violations: Violation[];
  /** Agreements in force among those the data names. */
  inForce: AgreementFacts[];
  /** Regions that the agreements which cover the data let it be processed in, together; null when nothing restricts them. */
  regions: string[] | null;
}

function factsOf({ name, spec }: Agreement): AgreementFacts {
  const { agreementId, version, parties, jurisdiction, terms } = spec;
  const { classifications, regions, regulations, validUntil } = terms;
  return { name, agreementId, version, parties: parties.map((party) => party.name), jurisdiction, classifications, regions, regulations, validUntil: Date.parse(validUntil) };
}

function outOfScope(valid: readonly Agreement[], gaps: readonly string[]): Violation[] {
  if (gaps.some((gap) => gap === '')) return [];
  const cure = 'name an agreement that covers it, or agree on a successor';
  return valid.map(({ name, spec }, index) => agreementViolation(name, 'scope', `agreement ${name} does not cover ${gaps[index]}`, cure, spec.terms.purpose));
}

function regionsOf(covering: readonly Agreement[]): string[] | null {
  const lists = covering.map(({ spec }) => spec.terms.regions);
  return lists.length === 0 || lists.some(anyRegion) ? null : [...new Set(lists.flat())].toSorted();
}

export function checkAgreements({ agreements }: CompiledPolicySet, facts: AdmissionFacts, data: DataFacts, agreementRequired: boolean): LegalFinding {
  const violations: Violation[] = [];
  const valid: Agreement[] = [];
  for (const name of data.agreements) {
    const agreement = agreements.get(name);
    if (!agreement) violations.push(agreementViolation(name, 'exists', `agreement ${name} is not on the ledger`, `deploy Agreement ${name}, signed by all its parties, or name another`));
    else if (!inForce(agreement, facts.time)) violations.push(notInForce(agreement, facts.time));
    else valid.push(agreement);
  }
  const gaps = valid.map((agreement) => uncovered(agreement, facts, data));
  violations.push(...outOfScope(valid, gaps));
  // Of a flow that is no pod's, its client says which namespace it is of, or none.
  if (data.agreements.length > 0 && agreementRequired && partyOf(facts) === undefined && facts.operation !== FLOW_OPERATION)
    violations.push({
      ...agreementViolation(facts.cluster ?? '', 'requireAgreement', `cluster ${facts.cluster} admits data only under an agreement of its party, and namespace ${facts.namespace.name} does not say whose data it holds`, `label the namespace ${LABELS.party}: NAME, a party of the agreement`),
      kind: 'EncCluster',
    });
  if (data.agreements.length === 0 && agreementRequired)
    violations.push({
      ...agreementViolation(facts.cluster ?? '', 'requireAgreement', `cluster ${facts.cluster} admits data only under an agreement, and none is named`, 'name one in the Workload\'s agreementRefs or the pod\'s annotation enc.metanode.io/agreements'),
      kind: 'EncCluster',
    });
  const compliant = violations.length === 0;
  const names = valid.map(({ name }) => name).toSorted();
  const reason = !compliant ? violations[0]!.message : names.length > 0 ? `under ${names.join(', ')}` : 'no agreement is required';
  return { legal: { compliant, agreements: names, reason }, violations, inForce: valid.map(factsOf), regions: regionsOf(valid.filter((_, index) => gaps[index] === '')) };
}
