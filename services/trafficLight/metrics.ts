// The traffic light's Prometheus metrics.
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    decisions: new Counter({ name: 'enc_traffic_light_decisions_total', help: 'Decisions by light and whether they were recorded.', labelNames: ['light', 'recorded'] as const, registers }),
    seconds: new Histogram({ name: 'enc_traffic_light_decision_seconds', help: 'Time of a decision, without its recording.', buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05], registers }),
    slow: new Counter({ name: 'enc_traffic_light_slow_decisions_total', help: 'Decisions that took longer than --decision-latency-ms.', registers }),
    refused: new Counter({ name: 'enc_traffic_light_unanswered_total', help: 'Requests that got no decision, by code.', labelNames: ['code'] as const, registers }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
