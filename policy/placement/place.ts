// Chooses the node for a pod: a pure function that every validator computes alike, with the reason for every node (agreement 1.1).
import { byText, compilePolicySet } from '../compiledPolicySet.js';
import { evaluate } from '../evaluate.js';
import type { AdmissionFacts, LedgerNode, NodeExplanation, Placement, PolicySet } from '../types.js';
import { causesOf, explainNodes, type ExcludedNode } from './explainNodes.js';
import { exclude, type PolicyRefusal } from './filters.js';
import { score, tieBreak } from './score.js';

/**
 * The verdict for a node is that of a pod pinned to its region, with the node known; asked once for each region, or for each
 * node where a rule asks for more than that.
 */
function refusals(set: PolicySet, facts: AdmissionFacts): (node: LedgerNode) => PolicyRefusal | undefined {
  const known = new Map<string, PolicyRefusal | undefined>();
  const each = facts.data !== null && facts.cluster !== null && compilePolicySet(set).asksForNode(facts.data);
  return (node) => {
    const key = each ? node.name : node.region;
    if (!known.has(key)) known.set(key, refusalOn(node, each, set, facts));
    return known.get(key);
  };
}

function refusalOn({ name, region, zone, labels, operator }: LedgerNode, each: boolean, set: PolicySet, facts: AdmissionFacts): PolicyRefusal | undefined {
  const pinned = { ...facts, pod: { ...facts.pod!, pinnedRegions: [region] } };
  const node = { name, region, zone, labels, ...(operator === undefined ? {} : { operator }) };
  const { decision, violations, message } = evaluate(set, pinned, each ? { node } : {});
  if (decision === 'allow') return undefined;
  const first = violations.find(({ action }) => action !== 'audit');
  if (!first) return { by: 'the policies', reason: message };
  const by = first.rule ? `${first.name}/${first.rule}` : first.name;
  return { by, reason: `${first.kind} ${by}: ${first.message}${first.regulation ? ` [${first.regulation}]` : ''}` };
}

/** Throws RangeError when the facts are not those of a pod. */
export function place(nodes: readonly LedgerNode[], set: PolicySet, facts: AdmissionFacts): Placement {
  const { pod, data } = facts;
  if (!pod) throw new RangeError('place: facts.pod is null; only pods are placed');
  const refusedOn = refusals(set, facts);
  const ranked: { entry: NodeExplanation; score: number; tie: number }[] = [];
  const excluded: ExcludedNode[] = [];
  for (const node of nodes) {
    const why = exclude(node, pod, refusedOn);
    if (why) excluded.push({ node: node.name, region: node.region, ...why });
    else {
      const points = score(node, pod, data?.sourceRegion);
      ranked.push({ entry: { node: node.name, filter: '', reason: '', score: points }, score: points, tie: tieBreak(facts.object.uid, node.name) });
    }
  }
  ranked.sort((a, b) => b.score - a.score || a.tie - b.tie || byText(a.entry.node, b.entry.node));
  const feasible = ranked.map(({ entry }) => entry);
  excluded.sort((a, b) => byText(a.node, b.node));
  return { node: feasible[0]?.node ?? null, explanation: explainNodes(feasible, excluded), message: messageOf(feasible, excluded) };
}

function messageOf(feasible: readonly NodeExplanation[], excluded: readonly ExcludedNode[]): string {
  const [best] = feasible;
  const causes = causesOf(excluded);
  if (!best) return causes === '' ? 'waiting: no node has committed resources' : `waiting: ${causes}`;
  return `placed on ${best.node} (score ${best.score}, ${feasible.length} of ${feasible.length + excluded.length} nodes feasible)${causes === '' ? '' : `; ${causes}`}`;
}
