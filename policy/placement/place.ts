// Chooses the node for a pod: a pure function that every validator computes alike, with the reason for every node (agreement 1.1).
import { byText } from '../compiledPolicySet.js';
import type { AdmissionFacts, LedgerNode, NodeExplanation, Placement, PolicySet } from '../types.js';
import { attestationDemand } from './attested.js';
import { causesOf, explainNodes, type ExcludedNode } from './explainNodes.js';
import { exclude } from './filters.js';
import type { PlacedPod } from './podConstraints.js';
import { refusals } from './refusals.js';
import { scores, tieBreaker } from './score.js';
import { neighbourhood } from './topology.js';

/** Pods that hold resources now. */
export interface Others {
  /** All of them; asked for only when the pod has constraints on others. */
  placed: () => readonly PlacedPod[];
  /** Those that keep others away. */
  repelling: readonly PlacedPod[];
}
const NOBODY: Others = { placed: () => [], repelling: [] };

interface Ranked {
  name: string;
  score: number;
  tie: number;
}
const compare = (a: Ranked, b: Ranked): number => b.score - a.score || a.tie - b.tie || byText(a.name, b.name);

/** The best `count`, best first. */
function best(ranked: readonly Ranked[], count: number): Ranked[] {
  const kept: Ranked[] = [];
  for (const one of ranked) {
    if (kept.length === count && compare(kept[count - 1]!, one) <= 0) continue;
    let at = kept.length;
    while (at > 0 && compare(one, kept[at - 1]!) < 0) at -= 1;
    kept.splice(at, 0, one);
    if (kept.length > count) kept.pop();
  }
  return kept;
}

/** Nodes explained one by one: few where the pod is placed, more where somebody will ask why it is not. */
export const MAX_EXPLAINED = { placed: 8, waiting: 20 };

/** Throws RangeError when the facts are not those of a pod. */
export function place(nodes: readonly LedgerNode[], set: PolicySet, facts: AdmissionFacts, others: Others = NOBODY): Placement {
  const { pod, data, object } = facts;
  if (!pod) throw new RangeError('place: facts.pod is null; only pods are placed');
  const question = { pod, refusedOn: refusals(set, facts), attestation: attestationDemand(set, facts), neighbours: neighbourhood(facts, nodes, others) };
  const feasible: LedgerNode[] = [];
  const excluded: ExcludedNode[] = [];
  for (const node of nodes) {
    const why = exclude(node, question);
    if (why) excluded.push({ node: node.name, region: node.region, why });
    else feasible.push(node);
  }
  const points = scores(feasible, pod, data?.sourceRegion, question.neighbours);
  const tie = tieBreaker(object.uid);
  const ranked = feasible.map(({ name }, index): Ranked => ({ name, score: points[index]!, tie: tie(name) }));
  const max = feasible.length > 0 ? MAX_EXPLAINED.placed : MAX_EXPLAINED.waiting;
  const shown = best(ranked, max).map(({ name, score }): NodeExplanation => ({ node: name, filter: '', reason: '', score }));
  const explanation = explainNodes({ shown, total: feasible.length }, excluded, max);
  return { node: shown[0]?.node ?? null, explanation, message: messageOf(shown[0], feasible.length, excluded) };
}

function messageOf(chosen: NodeExplanation | undefined, feasible: number, excluded: readonly ExcludedNode[]): string {
  const causes = causesOf(excluded);
  if (!chosen) return causes === '' ? 'waiting: no node has committed resources' : `waiting: ${causes}`;
  return `placed on ${chosen.node} (score ${chosen.score}, ${feasible} of ${feasible + excluded.length} nodes feasible)${causes === '' ? '' : `; ${causes}`}`;
}
