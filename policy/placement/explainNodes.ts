// Tells a placement: some nodes one by one, the others counted, and one sentence with every cause (the agreement's scheduling decision is kept for ever, so it is short).
import { byText } from '../compiledPolicySet.js';
import type { NodeExplanation } from '../types.js';
import type { Excluded } from './filters.js';

const MAX_CAUSES = 6;

export interface ExcludedNode {
  node: string;
  region: string;
  why: Excluded;
}

interface Cause {
  count: number;
  /** With a space after it; '' where the region says nothing. */
  region: string;
  group: Excluded['group'];
}

/** "3 EU nodes lack memory, 12 nodes refused by geographic-data-sovereignty/art-44", most nodes first. */
export function causesOf(excluded: readonly ExcludedNode[]): string {
  const groups = new Map<string, Cause>();
  for (const { region, why: { filter, group } } of excluded) {
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

/** By filter, each filter's nodes by name. */
function byFilter(excluded: readonly ExcludedNode[]): Map<string, ExcludedNode[]> {
  const groups = new Map<string, ExcludedNode[]>();
  for (const entry of excluded) {
    const group = groups.get(entry.why.filter);
    if (group) group.push(entry);
    else groups.set(entry.why.filter, [entry]);
  }
  for (const group of groups.values()) group.sort((a, b) => byText(a.node, b.node));
  return new Map([...groups].toSorted(([a], [b]) => byText(a, b)));
}

/** The first of every filter before the second of any, so that a short list still tells all reasons. Feasible nodes count as one filter. */
function shares(sizes: readonly number[], max: number): number[] {
  const taken = sizes.map(() => 0);
  for (let left = max, round = 0; left > 0 && sizes.some((size) => size > round); round += 1) {
    for (let i = 0; i < sizes.length && left > 0; i += 1) {
      if (sizes[i]! <= round) continue;
      taken[i]! += 1;
      left -= 1;
    }
  }
  return taken;
}

/** `shown` are the best of `total` feasible nodes, best first. The result has at most `max` nodes, and one line for the rest of each filter. */
export function explainNodes({ shown, total }: { shown: readonly NodeExplanation[]; total: number }, excluded: readonly ExcludedNode[], max: number): NodeExplanation[] {
  const groups = byFilter(excluded);
  const [feasible, ...taken] = shares([total, ...[...groups.values()].map(({ length }) => length)], max);
  const rest: NodeExplanation[] = [];
  const more = (filter: string, count: number): void => {
    if (count > 0) rest.push({ node: `+${count} more`, filter, reason: filter || 'feasible', score: null });
  };
  more('', total - feasible!);
  const others = [...groups].flatMap(([filter, group], index) => {
    more(filter, group.length - taken[index]!);
    return group.slice(0, taken[index]).map(({ node, why: { reason } }): NodeExplanation => ({ node, filter, reason, score: null }));
  });
  return [...shown.slice(0, feasible), ...others, ...rest];
}
