// The validator's metrics and its own small server for them (Prometheus text format), with health and readiness beside.
import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { NodeStatus } from './api/context.js';
import { NodeError } from './nodeError.js';

export class NodeMetrics {
  readonly registry = new Registry();
  readonly #height = this.#gauge('bpci_height', 'Height of the last final block');
  readonly #round = this.#gauge('bpci_round', 'Round of the height that is being decided');
  readonly #peers = this.#gauge('bpci_peers_connected', 'Validators with a link to this one');
  readonly #mempoolSize = this.#gauge('bpci_mempool_transactions', 'Transactions waiting for a block');
  readonly #mempoolBytes = this.#gauge('bpci_mempool_bytes', 'Bytes waiting for a block');
  readonly #halted = this.#gauge('bpci_halted', '1 when the chain is halted');
  readonly #memory = this.#gauge('process_resident_memory_bytes', 'Resident memory');
  readonly #missing = new Gauge({ name: 'bpci_validator_missing', help: '1 for each validator without a link', labelNames: ['validator'], registers: [this.registry] });
  readonly blockLatency = new Histogram({
    name: 'bpci_block_latency_seconds',
    help: 'From the start of the height having work to its block being durable here',
    buckets: [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2, 4, 10],
    registers: [this.registry],
  });
  readonly blockTransactions = new Histogram({
    name: 'bpci_block_transactions',
    help: 'Transactions in a block',
    buckets: [0, 1, 10, 50, 100, 250, 500, 1_000],
    registers: [this.registry],
  });
  readonly acknowledgeLatency = new Histogram({
    name: 'bpci_acknowledge_seconds',
    help: 'From a submission to its acknowledgements being durable',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
    registers: [this.registry],
  });
  readonly refusals = this.#counter('bpci_refused_transactions_total', 'Submissions refused', ['code']);
  readonly linkRefusals = this.#counter('bpci_refused_links_total', 'Connections that never became a link', ['code']);
  readonly withheld = this.#counter('bpci_withheld_transactions_total', 'Transactions that a validator had and left out of its block, which had room', ['validator']);
  readonly evidence = this.#counter('bpci_evidence_total', 'Proofs of conflicting votes', ['kind']);

  constructor(private readonly status: () => NodeStatus) {}

  async text(): Promise<string> {
    const { height, round, peersConnected, mempool, halted, validators } = this.status();
    this.#height.set(height);
    this.#round.set(round);
    this.#peers.set(peersConnected);
    this.#mempoolSize.set(mempool.size);
    this.#mempoolBytes.set(mempool.bytes);
    this.#halted.set(halted ? 1 : 0);
    this.#memory.set(process.memoryUsage.rss());
    for (const { address, connected } of validators) this.#missing.set({ validator: address }, connected ? 0 : 1);
    return this.registry.metrics();
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.registry] });
  }
  #counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}

/** GET /metrics, /healthz and /readyz. Throws NodeError 'PortInUse'. */
export async function listenForMetrics(metrics: NodeMetrics, ready: () => boolean, { host, port }: { host: string; port: number }): Promise<Server> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_000 }, (request, response) => {
    const answer = (status: number, text: string, type = 'text/plain'): void => void response.writeHead(status, { 'content-type': type }).end(text);
    if (request.method !== 'GET') return answer(405, 'use GET\n');
    if (request.url === '/healthz') return answer(200, 'ok\n');
    if (request.url === '/readyz') return ready() ? answer(200, 'ok\n') : answer(503, 'not ready\n');
    if (request.url !== '/metrics') return answer(404, 'there are /metrics, /healthz and /readyz\n');
    void metrics.text().then(
      (text) => answer(200, text, metrics.registry.contentType),
      () => answer(500, 'the metrics could not be read\n'),
    );
  });
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new NodeError('PortInUse', `--metrics-port ${port}: the port on ${host} cannot be opened (${cause.code ?? cause.message}); stop what uses it or choose another`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return server;
}
