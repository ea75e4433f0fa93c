// What the policies say of a pod on each node: asked once for a region and all pods that are alike, or for each node where a rule asks for more than its region.
import { compilePolicySet } from '../compiledPolicySet.js';
import { evaluate } from '../evaluate.js';
import type { AdmissionFacts, LedgerNode, PolicySet } from '../types.js';

/** What refuses a node: the rule's name, and why. */
export interface PolicyRefusal {
  by: string;
  reason: string;
}
interface Remembered {
  anywhere?: boolean;
  byRegion: Map<string, PolicyRefusal | undefined>;
}

const MAX_REMEMBERED = 256;
const answers = new WeakMap<PolicySet, Map<string, Remembered>>();

/** Everything of the facts but the pod's own name, uid and spec hash, which no rule, exception or agreement asks for; block time is the same for all pods of a block. */
function likeness({ operation, time, user, cluster, namespace, workload, data, pod, guards, object }: AdmissionFacts): string {
  return JSON.stringify([operation, time, user, cluster, namespace, workload, data, pod, guards, object.kind, object.namespace]);
}

/** The verdict for a node is that of a pod pinned to its region, with the node known where a rule asks for it. */
function ask(set: PolicySet, facts: AdmissionFacts, { name, region, zone, labels, operator }: LedgerNode, each: boolean): PolicyRefusal | undefined {
  const node = { name, region, zone, labels, ...(operator === undefined ? {} : { operator }) };
  const { decision, violations, message } = evaluate(set, { ...facts, pod: { ...facts.pod!, pinnedRegions: [region] } }, each ? { node } : {});
  if (decision === 'allow') return undefined;
  const first = violations.find(({ action }) => action !== 'audit');
  if (!first) return { by: 'the policies', reason: message };
  const by = first.rule ? `${first.name}/${first.rule}` : first.name;
  return { by, reason: `${first.kind} ${by}: ${first.message}${first.regulation ? ` [${first.regulation}]` : ''}` };
}

function rememberedOf(set: PolicySet, facts: AdmissionFacts): Remembered {
  let known = answers.get(set);
  if (!known || known.size > MAX_REMEMBERED) answers.set(set, (known = new Map()));
  const alike = likeness(facts);
  let remembered = known.get(alike);
  if (!remembered) known.set(alike, (remembered = { byRegion: new Map() }));
  return remembered;
}

/** Whether the pod is refused wherever it would run. */
export function refusedAnywhere(set: PolicySet, facts: AdmissionFacts): boolean {
  const remembered = rememberedOf(set, facts);
  return (remembered.anywhere ??= evaluate(set, facts).decision === 'refuse');
}

/** undefined for a node means that it is allowed there. The policy set must not be changed in place. */
export function refusals(set: PolicySet, facts: AdmissionFacts): (node: LedgerNode) => PolicyRefusal | undefined {
  if (facts.data !== null && facts.cluster !== null && compilePolicySet(set).asksForNode(facts.data)) return (node) => ask(set, facts, node, true);
  const { byRegion } = rememberedOf(set, facts);
  return (node) => {
    if (!byRegion.has(node.region)) byRegion.set(node.region, ask(set, facts, node, false));
    return byRegion.get(node.region);
  };
}
