// What policy says of a pod that runs, where it runs, at this moment; and what that calls for (agreement 7.2; the plan: continuous evaluation). Pure.
import { evaluate } from '../../policy/evaluate.js';
import type { AdmissionFacts, PolicySet, Verdict, Violation } from '../../policy/types.js';

/** From nothing to the gravest: `report` shows it only, `migrate` places again, `cut` ends its connections, `stop` removes it. */
export type Remedy = 'none' | 'report' | 'migrate' | 'cut' | 'stop';
const GRAVITY: readonly Remedy[] = ['none', 'report', 'migrate', 'cut', 'stop'];
const graver = (a: Remedy, b: Remedy): Remedy => (GRAVITY.indexOf(a) >= GRAVITY.indexOf(b) ? a : b);

export interface Judgement {
  verdict: Verdict;
  remedy: Remedy;
  /** The violation that calls for it; absent with 'none'. */
  because?: Violation;
}

export interface RunningPod {
  /** As it was admitted, with the labels its namespace has now. */
  facts: AdmissionFacts;
  /** Of its node's commitment; undefined when the node has none any more. */
  region: string | undefined;
  /** ms since the epoch */
  time: number;
}

/** What an agreement's own rules call for when it is no longer in force; cutting its connections where they say nothing. */
function agreementRemedy(set: PolicySet, { name }: Violation): Remedy {
  const agreement = set.agreements.find((one) => one.name === name);
  const state = agreement?.state === 'InForce' ? 'expired' : (agreement?.state ?? 'terminated').toLowerCase();
  const rules = agreement?.spec.enforcementRules ?? [];
  const rule = rules.find(({ violation }) => violation === `agreement_${state}`) ?? rules.find(({ violation }) => violation === 'agreement_not_in_force');
  if (rule?.action === 'notify') return 'report';
  return rule?.action === 'terminate' ? 'stop' : 'cut';
}

function remedyOf(set: PolicySet, violation: Violation, movable: boolean): Remedy {
  if (violation.action === 'audit') return 'none';
  if (violation.kind === 'Agreement' && violation.rule === 'in-force') return agreementRemedy(set, violation);
  if (violation.action === 'terminate_connection') return 'cut';
  // Another node cures what no other place would refuse; what the data's own destinations violate, only ending the flow does.
  if (violation.action === 'migrate_workload' || violation.kind === 'TrafficRule') return movable ? 'migrate' : 'cut';
  return 'report';
}

export function judge(set: PolicySet, { facts, region, time }: RunningPod): Judgement {
  const pod = facts.pod!;
  const now = { ...facts, time };
  const verdict = evaluate(set, { ...now, pod: { ...pod, pinnedRegions: region === undefined ? pod.pinnedRegions : [region] } });
  if (verdict.decision === 'allow') return { verdict, remedy: 'none' };
  const movable = evaluate(set, now).decision === 'allow';
  const refusing = verdict.violations.filter(({ action }) => action !== 'audit');
  return refusing.reduce<Judgement>(
    (gravest, violation) => {
      const remedy = remedyOf(set, violation, movable);
      return gravest.because === undefined || graver(remedy, gravest.remedy) !== gravest.remedy ? { verdict, remedy, because: violation } : gravest;
    },
    { verdict, remedy: 'report' },
  );
}
