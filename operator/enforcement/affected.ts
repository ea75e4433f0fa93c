// Which running pods a change of the policy set concerns: those whose data the changed members speak of. Pure.
import { isDeepStrictEqual } from 'node:util';
import { concernsRegion } from '../../policy/regions.js';
import type { DataFacts, Named, PolicySet } from '../../policy/types.js';

export type Concerns = (data: DataFacts, cluster: string | null) => boolean;

/** Those that were added, removed or changed; a changed one in both versions. */
function changed<T extends Named<unknown>>(before: readonly T[], after: readonly T[]): T[] {
  const [old, now] = [before, after].map((list) => new Map(list.map((one) => [one.name, one])));
  const names = new Set([...old!.keys(), ...now!.keys()]);
  return [...names].filter((name) => !isDeepStrictEqual(old!.get(name), now!.get(name))).flatMap((name) => [old!.get(name), now!.get(name)].filter((one) => one !== undefined));
}

const includes = (list: readonly string[] | undefined, value: string) => !list || list.length === 0 || list.includes(value);

/** Of anything else in a set it is not known whom it concerns: everybody. */
const LOOKED_AT: ReadonlySet<string> = new Set(['policyHeight', 'clusters', 'agreements', 'policies', 'rules']);

/** May be true of a pod that the change leaves as it was, never false of one that it concerns. */
export function concernedBy(before: PolicySet, after: PolicySet): Concerns {
  const policies = changed(before.policies, after.policies);
  const rules = changed(before.rules, after.rules);
  const agreements = new Set(changed(before.agreements, after.agreements).map(({ name }) => name));
  const everything = Object.keys({ ...before, ...after }).some((key) => !LOOKED_AT.has(key) && !isDeepStrictEqual(before[key as keyof PolicySet], after[key as keyof PolicySet]));
  const clusters = new Set(changed(before.clusters, after.clusters).map(({ name }) => name));
  return (data, cluster) =>
    everything ||
    (cluster !== null && clusters.has(cluster)) ||
    data.agreements.some((name) => agreements.has(name)) ||
    policies.some(({ spec }) => includes(spec.classifications, data.classification) && concernsRegion(spec.regions, data.sourceRegion)) ||
    rules.some(({ spec }) => includes(spec.source.classifications, data.classification) && concernsRegion(spec.source.regions, data.sourceRegion));
}
