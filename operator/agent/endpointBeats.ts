// Announces the services on the agent's nodes and measures them every second: a change of health is told at once (agreement 2.1, 6.2).
import net from 'node:net';
import type { NodeKey } from '../../chain/client/keyFile.js';
import { signServiceEndpoint } from '../../chain/client/serviceEndpoint.js';
import type { EndpointHealth } from '../../chain/types.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import { describeError } from '../runtime/describeError.js';
import type { Logger } from '../runtime/logger.js';
import type { AnnouncedEndpoint, NodePlace } from './config.js';

const EVERY_MS = 1_000;
const CONNECT_MS = 800;

export interface EndpointSources {
  chainId: string;
  chain: ChainWriter;
  logger: Logger;
  places: readonly NodePlace[];
  keys: ReadonlyMap<string, NodeKey>;
}

/** Microseconds until the endpoint takes a connection; undefined when it does not in time. */
async function connectMicros({ endpointUrl }: AnnouncedEndpoint): Promise<number | undefined> {
  const { hostname, port, protocol } = new URL(endpointUrl);
  const began = performance.now();
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'https:' ? 443 : 80)) });
    const done = (micros: number | undefined) => {
      socket.destroy();
      resolve(micros);
    };
    socket.setTimeout(CONNECT_MS, () => done(undefined));
    socket.once('connect', () => done(Math.round(1_000 * (performance.now() - began))));
    socket.once('error', () => done(undefined));
  });
}

export class EndpointBeats {
  readonly #announced = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(private readonly sources: EndpointSources) {}

  start(): void {
    if (this.sources.places.some(({ endpoints }) => endpoints !== undefined)) this.#timer = setInterval(() => void this.#tick(), EVERY_MS);
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const all = this.sources.places.flatMap(({ name, endpoints = [] }) => endpoints.map((endpoint) => ({ node: name, endpoint })));
      for (const { node, endpoint } of all) await this.#announce(node, endpoint);
      const known = all.filter(({ endpoint }) => this.#announced.has(idOf(endpoint)));
      const measured = await Promise.all(known.map(({ endpoint }) => measure(endpoint)));
      if (measured.length === 0) return;
      const { outcome, code, reason } = await this.sources.chain.send('endpoint.beat', { endpoints: measured });
      if (outcome === 'applied') return;
      this.sources.logger.warn(`endpoints: ${reason}`, { code });
      this.#announced.clear();
    } catch (error) {
      const { code, message } = describeError(error);
      this.sources.logger.warn(`endpoints: ${message}`, { code });
    } finally {
      this.#busy = false;
    }
  }

  async #announce(nodeId: string, endpoint: AnnouncedEndpoint): Promise<void> {
    if (this.#announced.has(idOf(endpoint))) return;
    const { chainId, chain, keys, logger } = this.sources;
    const { serviceId, endpointUrl, capabilities = [] } = endpoint;
    const signed = signServiceEndpoint(chainId, { serviceId, nodeId, endpointUrl, capabilities }, keys.get(nodeId)!.privateKey);
    const { outcome, code, reason } = await chain.send('endpoint.put', signed);
    if (outcome === 'applied') this.#announced.add(idOf(endpoint));
    else logger.warn(`endpoint ${endpointUrl}: ${reason}`, { code });
  }
}

const idOf = ({ serviceId, endpointUrl }: AnnouncedEndpoint) => `${serviceId} ${endpointUrl}`;

async function measure(endpoint: AnnouncedEndpoint): Promise<EndpointHealth> {
  const micros = await connectMicros(endpoint);
  const { serviceId, endpointUrl } = endpoint;
  return { serviceId, endpointUrl, healthy: micros !== undefined, latencyMicros: micros ?? 0 };
}
