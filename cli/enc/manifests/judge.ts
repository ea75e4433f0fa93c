// The verdict on a manifest: on its pod, and on each node that it could run on where nodes are given.
import { evaluate } from '../../../policy/evaluate.js';
import type { NodeFacts, PolicySet, Verdict } from '../../../policy/types.js';
import type { Asked } from './questionsOf.js';

export interface Judged {
  file: string;
  object: Asked['object'];
  verdict: Verdict;
}

/** Of the nodes' verdicts the first that allows, and else the first: where none will do, that one says why. */
function onNodes(set: PolicySet, { facts }: Asked, nodes: readonly NodeFacts[]): Verdict | undefined {
  const { pod } = facts;
  if (!pod) return undefined;
  const pinned = pod.pinnedRegions;
  const candidates = nodes.filter(({ region }) => pinned === null || pinned.includes(region));
  const verdicts = candidates.map((node) => evaluate(set, { ...facts, pod: { ...pod, pinnedRegions: [node.region] } }, { node }));
  return verdicts.find(({ decision }) => decision === 'allow') ?? verdicts[0];
}

export function judge(set: PolicySet, asked: Asked, nodes: readonly NodeFacts[]): Judged {
  const verdict = evaluate(set, asked.facts);
  const { file, object } = asked;
  if (verdict.decision === 'refuse') return { file, object, verdict };
  return { file, object, verdict: onNodes(set, asked, nodes) ?? verdict };
}
