// What a changed policy would do to what runs: each admitted pod's recorded facts, judged where it runs, before and after.
import type { AdmissionRecord, NodeRecord, SchedulingDecision } from '../../chain/types.js';
import { evaluate } from '../../policy/evaluate.js';
import type { Light, PolicySet, Verdict } from '../../policy/types.js';

export interface Running {
  admission: AdmissionRecord;
  /** Where it was placed; undefined when it still waits. */
  decision?: SchedulingDecision;
  node?: NodeRecord;
}
export interface Impact {
  pod: string;
  workload: string | null;
  node: string | null;
  before: Light;
  after: Light;
  /** Of the verdict afterwards. */
  message: string;
}

function verdictOn(set: PolicySet, { admission: { facts }, node }: Running, now: number): Verdict {
  const current = { ...facts, time: now };
  if (!node || !facts.pod) return evaluate(set, current);
  const { name, region, zone, labels, operator } = node;
  return evaluate(set, { ...current, pod: { ...facts.pod, pinnedRegions: [region] } }, { node: { name, region, zone, labels, operator } });
}

const ended = ({ decision }: Running) => decision?.state === 'Completed' || decision?.state === 'Failed';

/** Pods that would change, by name. `now` in ms. */
export function policyImpact(before: PolicySet, after: PolicySet, running: readonly Running[], now: number): Impact[] {
  return running
    .filter((one) => !ended(one))
    .map((one) => {
      const { object, workload } = one.admission.facts;
      const [was, becomes] = [verdictOn(before, one, now), verdictOn(after, one, now)];
      return { pod: `${object.namespace}/${object.name}`, workload: workload?.name ?? null, node: one.decision?.targetNode ?? null, before: was.light, after: becomes.light, message: becomes.message };
    })
    .filter((impact) => impact.before !== impact.after)
    .toSorted((a, b) => (a.pod < b.pod ? -1 : 1));
}
