// The operator's Prometheus metrics; labels are controllers, results and codes only, never object names.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const queues = new Map<string, () => number>();
  new Gauge({
    name: 'enc_operator_queue_length',
    help: 'Keys that wait for a worker.',
    labelNames: ['controller'],
    registers,
    collect() {
      for (const [controller, length] of queues) this.set({ controller }, length());
    },
  });
  return {
    registry,
    watchQueue: (controller: string, length: () => number) => void queues.set(controller, length),
    passes: new Counter({
      name: 'enc_operator_passes_total',
      help: 'Reconcile passes by result: acted, quiet or an error code.',
      labelNames: ['controller', 'result'],
      registers,
    }),
    passSeconds: new Histogram({
      name: 'enc_operator_pass_seconds',
      help: 'Duration of reconcile passes.',
      labelNames: ['controller'],
      buckets: SECONDS,
      registers,
    }),
    transactions: new Counter({
      name: 'enc_operator_transactions_total',
      help: 'Transactions sent to the chain by outcome code.',
      labelNames: ['type', 'code'],
      registers,
    }),
    finalitySeconds: new Histogram({
      name: 'enc_operator_finality_seconds',
      help: 'From submission of a transaction to its verified finality.',
      labelNames: ['type'],
      buckets: SECONDS,
      registers,
    }),
    placements: new Counter({
      name: 'enc_operator_placements_total',
      help: 'Answers to placement requests by code.',
      labelNames: ['code'],
      registers,
    }),
    boundSeconds: new Histogram({
      name: 'enc_operator_pod_bound_seconds',
      help: 'From first sight of a pod to its binding.',
      buckets: SECONDS,
      registers,
    }),
    enforcements: new Counter({
      name: 'enc_operator_runtime_enforcements_total',
      help: 'What was done to running pods, by action: MigrationStarted, Migrated, ConnectionTerminated, ConnectionRestored, Stopped.',
      labelNames: ['action'],
      registers,
    }),
    hiddenPods: new Counter({
      name: 'enc_operator_hidden_pods_total',
      help: 'Pods found on a node that the API server does not know.',
      registers,
    }),
    networkPolicies: new Counter({
      name: 'enc_operator_network_policies_total',
      help: 'NetworkPolicies written, by what was done: Made, Changed, Mended (somebody had edited it), Removed.',
      labelNames: ['code'],
      registers,
    }),
    leader: new Gauge({ name: 'enc_operator_leader', help: '1 while this process holds the lease.', registers }),
    restarts: new Counter({
      name: 'enc_operator_watch_restarts_total',
      help: 'Watches that were begun again, by kind and cause.',
      labelNames: ['kind', 'cause'],
      registers,
    }),
  };
}
export type OperatorMetrics = ReturnType<typeof createMetrics>;
