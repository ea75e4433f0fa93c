// Chooses the node for a pod: a pure function that every validator computes alike, with the reason for every node (agreement 1.1).
import { evaluate } from '../evaluate.js';
import { describeViolation } from '../message.js';
import type { AdmissionFacts, LedgerNode, NodeExplanation, Placement, PolicySet } from '../types.js';
import { byText } from '../compiledPolicySet.js';
import { exclude } from './filters.js';
import { score, tieBreak } from './score.js';

/** Nodes explained one by one; the message counts all. */
export const MAX_EXPLAINED = 20;

/** The verdict for a node of a region is that of a pod pinned there; asked once for each region. */
function refusalsByRegion(set: PolicySet, facts: AdmissionFacts): (region: string) => string {
  const known = new Map<string, string>();
  return (region) => {
    let refusal = known.get(region);
    if (refusal === undefined) {
      const verdict = evaluate(set, { ...facts, pod: { ...facts.pod!, pinnedRegions: [region] } });
      const first = verdict.violations.find(({ action }) => action !== 'audit');
      refusal = verdict.decision === 'allow' ? '' : first ? describeViolation(first) : verdict.message;
      known.set(region, refusal);
    }
    return refusal;
  };
}

/** "3 nodes: capacity", most frequent first. */
function countFilters(explanation: readonly NodeExplanation[]): string {
  const counts = new Map<string, number>();
  for (const { filter } of explanation) counts.set(filter, (counts.get(filter) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1] || byText(a[0], b[0])).map(([filter, count]) => `${count} ${count === 1 ? 'node' : 'nodes'} by ${filter}`).join(', ');
}

function waitingMessage(explanation: readonly NodeExplanation[]): string {
  if (explanation.length === 0) return 'waiting: no node has committed resources';
  const policy = explanation.find(({ filter }) => filter === 'policy');
  return `waiting: excluded ${countFilters(explanation)}${policy ? ` (${policy.reason})` : ''}`;
}

/** Feasible nodes by rank first, then one node of every filter before more of the same, so that the short list still tells all reasons. */
function shorten(explanation: readonly NodeExplanation[]): NodeExplanation[] {
  const seen = new Map<string, number>();
  const order = explanation.map((entry) => {
    const nth = seen.get(entry.filter) ?? 0;
    seen.set(entry.filter, nth + 1);
    return { entry, nth: entry.filter === '' ? 0 : nth };
  });
  return order.toSorted((a, b) => a.nth - b.nth).slice(0, MAX_EXPLAINED).map(({ entry }) => entry);
}

export function place(nodes: readonly LedgerNode[], set: PolicySet, facts: AdmissionFacts): Placement {
  const { pod } = facts;
  if (!pod) throw new Error('place: the facts describe no pod');
  const refusedBy = refusalsByRegion(set, facts);
  const feasible: NodeExplanation[] = [];
  const excluded: NodeExplanation[] = [];
  for (const node of nodes) {
    const why = exclude(node, pod, refusedBy);
    if (why) excluded.push({ node: node.name, ...why, score: null });
    else feasible.push({ node: node.name, filter: '', reason: '', score: score(node, pod) });
  }
  feasible.sort((a, b) => b.score! - a.score! || tieBreak(facts.object.uid, a.node) - tieBreak(facts.object.uid, b.node) || byText(a.node, b.node));
  excluded.sort((a, b) => byText(a.node, b.node));
  const best = feasible[0];
  const message = best
    ? `placed on ${best.node} (score ${best.score}; ${feasible.length} of ${nodes.length} nodes feasible${excluded.length > 0 ? `, excluded ${countFilters(excluded)}` : ''})`
    : waitingMessage(excluded);
  return { node: best?.node ?? null, explanation: shorten([...feasible, ...excluded]), message };
}
