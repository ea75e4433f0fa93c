// The webhook server's Prometheus metrics.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    answers: new Counter({
      name: 'enc_webhook_answers_total',
      help: 'Admission answers by resource, operation, decision and code.',
      labelNames: ['resource', 'operation', 'decision', 'code'] as const,
      registers,
    }),
    seconds: new Histogram({
      name: 'enc_webhook_answer_seconds',
      help: 'Time from request to answer.',
      labelNames: ['resource', 'decision'] as const,
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    malformed: new Counter({ name: 'enc_webhook_malformed_total', help: 'Requests that were no readable AdmissionReview.', registers }),
    tampered: new Counter({
      name: 'enc_webhook_configuration_tampered_total',
      help: 'Times a webhook configuration was changed by somebody else and put right.',
      labelNames: ['kind'] as const,
      registers,
    }),
    certificateExpiry: new Gauge({
      name: 'enc_webhook_certificate_expiry_seconds',
      help: 'Unix time at which the serving certificate ends.',
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
