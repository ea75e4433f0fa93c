// One PolicyReport (wgpolicyk8s.io/v1alpha2) for each Workload, or for a pod without one: what policy says of what runs, counted. Pure.
import type { KubeObject } from '../runtime/kubeObject.js';
import type { ReceiptReference } from '../../api/index.js';
import { MANAGED } from './networkPolicies.js';
import type { Judgement } from './judge.js';

type Result = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

export interface PolicyReport extends KubeObject {
  scope: { apiVersion: string; kind: string; namespace: string; name: string; uid: string };
  summary: Record<Result, number>;
  results: { policy: string; rule: string; result: Result; source: string; message: string; category?: string; properties?: Record<string, string> }[];
}

export interface Judged {
  pod: string;
  judgement: Judgement;
  /** What was done about it, and its receipt. */
  action?: { did: string; receipt?: ReceiptReference };
}
export interface Subject {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
}

const SOURCE = 'enc-operator';
/** A report is read by people and dashboards; it is kept far from what etcd takes. */
const MAX_RESULTS = 100;

function failures({ pod, judgement: { verdict, remedy }, action }: Judged): PolicyReport['results'] {
  return verdict.violations.map(({ kind, name, rule, message, cure, regulation, action: called }) => ({
    policy: name,
    rule,
    result: called === 'audit' ? ('warn' as const) : ('fail' as const),
    source: SOURCE,
    message: `${message}; to cure it, ${cure}`,
    ...(regulation === '' ? {} : { category: regulation }),
    properties: {
      kind,
      pod,
      remedy,
      ...(action ? { action: action.did, ...(action.receipt ? { receipt: action.receipt.id } : {}) } : {}),
    },
  }));
}

/** What holds for all of them is stated once. */
function passes(judged: readonly Judged[]): PolicyReport['results'] {
  const seen = new Map<string, PolicyReport['results'][number]>();
  for (const { judgement } of judged)
    for (const { kind, name, rule, outcome } of judgement.verdict.evaluated)
      if (outcome === 'pass' && name !== '') seen.set(`${kind}/${name}/${rule}`, { policy: name, rule, result: 'pass', source: SOURCE, message: 'it holds', properties: { kind } });
  return [...seen.values()];
}

function warnings({ pod, judgement }: Judged): PolicyReport['results'] {
  return judgement.verdict.obligations.map(({ type, rule }) => ({
    policy: rule,
    rule: type,
    result: 'warn' as const,
    source: SOURCE,
    message: `Yellow: the flow goes on under obligation ${type}`,
    properties: { kind: 'TrafficRule', pod },
  }));
}

export function policyReport(subject: Subject, judged: readonly Judged[]): PolicyReport {
  const { namespace, name, kind, uid, apiVersion } = subject;
  const all = [...judged.flatMap(failures), ...judged.flatMap(warnings), ...passes(judged)];
  const count = (result: Result) => all.filter((one) => one.result === result).length;
  return {
    apiVersion: 'wgpolicyk8s.io/v1alpha2',
    kind: 'PolicyReport',
    metadata: {
      name: `enc-${kind}-${name}`.toLowerCase().slice(0, 253),
      namespace,
      labels: MANAGED,
      ownerReferences: [{ apiVersion, kind, name, uid }],
    },
    scope: { apiVersion, kind, namespace, name, uid },
    summary: { pass: count('pass'), fail: count('fail'), warn: count('warn'), error: count('error'), skip: count('skip') },
    results: all.slice(0, MAX_RESULTS),
  };
}
