// Tells a placement: some nodes one by one, the others counted, and one sentence with every cause (the agreement's scheduling decision is kept for ever, so it is short).
import { byText } from '../compiledPolicySet.js';
import type { NodeExplanation } from '../types.js';
import type { Excluded } from './filters.js';

/** Nodes explained one by one. */
export const MAX_EXPLAINED = 20;
const MAX_CAUSES = 6;

export interface ExcludedNode extends Excluded {
  node: string;
  region: string;
}

/** "3 EU nodes lack memory, 12 nodes refused by geographic-data-sovereignty/art-44", most nodes first. */
export function causesOf(excluded: readonly ExcludedNode[]): string {
  const groups = new Map<string, { count: number; region: string; group: Excluded['group'] }>();
  for (const { filter, region, group } of excluded) {
    const where = filter === 'capacity' ? `${region} ` : '';
    const key = `${where}${group.many}`;
    const known = groups.get(key);
    if (known) known.count += 1;
    else groups.set(key, { count: 1, region: where, group });
  }
  const ordered = [...groups].toSorted(([keyA, a], [keyB, b]) => b.count - a.count || byText(keyA, keyB)).map(([, group]) => group);
  const told = ordered.slice(0, MAX_CAUSES).map(({ count, region, group }) => (count === 1 ? `1 ${region}node ${group.one}` : `${count} ${region}nodes ${group.many}`));
  const rest = ordered.slice(MAX_CAUSES).reduce((sum, { count }) => sum + count, 0);
  return [...told, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

/** Ranked feasible nodes first, then one node of every filter before more of the same, so that the short list still tells all reasons. */
function pick(explanations: readonly NodeExplanation[]): NodeExplanation[] {
  const seen = new Map<string, number>();
  const ranked = explanations.map((entry, position) => {
    const nth = seen.get(entry.filter) ?? 0;
    seen.set(entry.filter, nth + 1);
    return { entry, nth, position };
  });
  const kept = ranked.toSorted((a, b) => a.nth - b.nth || a.position - b.position).slice(0, MAX_EXPLAINED);
  return kept.toSorted((a, b) => a.position - b.position).map(({ entry }) => entry);
}

/** `feasible` is ranked; the result has at most MAX_EXPLAINED nodes and one line for the rest of each filter. */
export function explainNodes(feasible: readonly NodeExplanation[], excluded: readonly ExcludedNode[]): NodeExplanation[] {
  const all = [...feasible, ...excluded.map(({ node, filter, reason }): NodeExplanation => ({ node, filter, reason, score: null }))];
  if (all.length <= MAX_EXPLAINED) return all;
  const shown = pick(all);
  const filters = [...new Set(all.map(({ filter }) => filter))];
  const count = (entries: readonly NodeExplanation[], filter: string) => entries.filter((entry) => entry.filter === filter).length;
  const rest = filters.map((filter) => ({ filter, left: count(all, filter) - count(shown, filter) })).filter(({ left }) => left > 0);
  return [...shown, ...rest.map(({ filter, left }): NodeExplanation => ({ node: `+${left} more`, filter, reason: filter || 'feasible', score: null }))];
}
