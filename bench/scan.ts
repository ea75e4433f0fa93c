// `make bench-scan`: everything that runs judged again, 5,000 pods under 1, 50 and 500 policies: how long it takes, and how much of it reaches the API server.
import { LABELS, RUNTIME_LABELS } from '../api/labels.js';
import { EnforcementReconciler, type EnforcementSources } from '../operator/enforcement/enforcementReconciler.js';
import { RunningPods } from '../operator/enforcement/runningPods.js';
import type { Pod } from '../operator/runtime/kubeObject.js';
import { aCluster, aPolicy, aPolicySet, aRule, someFacts } from '../policy/testing/builders.js';
import type { PolicySet } from '../policy/types.js';
import { quantile, table } from './results.js';

const PODS = 5_000;
const SIZES = [1, 50, 500];
const RUNS = 5;
/** The operator's queue works on so many at a time. */
const WORKERS = 8;

/** One policy speaks of the pods; the others are other tenants'. */
const policies = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const match = i === 0 ? { sourceRegions: ['EU' as const] } : { podSelector: { matchLabels: { tenant: `t${i}` } } };
    return aPolicy(`policy-${i}`, { violationAction: 'migrate_workload', rules: [aRule({ match, requirement: { regions: ['EU'] } })] });
  });

const labels = { [LABELS.enforced]: 'true' };
const podOf = (i: number): Pod => ({ metadata: { name: `pod-${i}`, namespace: `ns-${i % 50}`, uid: `uid-${i}`, labels: { app: 'web', [RUNTIME_LABELS.region]: 'EU' } }, spec: { nodeName: `node-${i % 100}` }, status: { phase: 'Running' } }) as unknown as Pod;

/** What is sent to the API server or the chain is counted, and there is none to answer it. */
function scanOf(set: PolicySet): { uids: string[]; reconciler: EnforcementReconciler; sent: () => number } {
  const running = new RunningPods();
  for (let i = 0; i < PODS; i++) running.put(podOf(i));
  let sent = 0;
  const refuse = (): Promise<never> => {
    sent += 1;
    return Promise.reject(new Error('nothing is to be sent'));
  };
  const facts = (i: number) => ({ ...someFacts({ namespace: { name: `ns-${i % 50}`, labels }, pod: { labels: { app: 'web' } } }), cluster: 'eu-cluster' });
  const sources = {
    client: { policySet: () => set },
    chain: { send: refuse },
    api: { patch: refuse, delete: refuse },
    events: { record: refuse },
    running,
    admissions: { of: (uid: string) => Promise.resolve(facts(Number(uid.slice(4)))) },
    decisions: { of: ({ spec }: Pod) => Promise.resolve({ node: spec.nodeName }) },
    regions: { of: () => Promise.resolve('EU') },
    namespaceLabels: () => labels,
    cutOff: refuse,
    found: () => undefined,
  } as unknown as EnforcementSources;
  return { uids: [...running.all()].map(({ metadata }) => metadata.uid), reconciler: new EnforcementReconciler(sources), sent: () => sent };
}

async function timed(uids: readonly string[], reconciler: EnforcementReconciler): Promise<number> {
  let next = 0;
  const worker = async () => {
    for (let uid = uids[next++]; uid !== undefined; uid = uids[next++]) await reconciler.reconcile(uid);
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return performance.now() - began;
}

const rows: string[][] = [];
for (const size of SIZES) {
  const { uids, reconciler, sent } = scanOf(aPolicySet({ clusters: [aCluster('eu-cluster')], policies: policies(size) }));
  const took: number[] = [];
  for (let run = 0; run < RUNS; run++) took.push(await timed(uids, reconciler));
  rows.push([String(size), String(PODS), took[0]!.toFixed(0), quantile(took, 0.5).toFixed(0), String(sent())]);
}
console.log(table(rows, ['policies', 'pods', 'first scan ms', 'median ms', 'requests sent']));
