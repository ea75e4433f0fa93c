// Bounded load on all ways in: pods through admission to a node, flow decisions by the traffic light, and submissions to the chain; remembers everything that was acknowledged.
import { setTimeout as sleep } from 'node:timers/promises';
import { createChainClient } from '../../chain/client/chainClient.js';
import { loadKeyFile } from '../../chain/client/keyFile.js';
import type { ChainClient } from '../../chain/client/types.js';
import { KubeError } from '../../operator/runtime/kubeError.js';
import type { Bed } from './bed.js';
import type { BoundPod, Claims } from './checker/claims.js';

const CHAIN_EVERY_MS = 100;
const FLOW_EVERY_MS = 500;
const POD_EVERY_MS = 300;
const LOOK_EVERY_MS = 150;
/** A pod that must be refused comes between so many that must not. */
const BAD_EVERY = 5;
export const NAMESPACE = 'payments';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const RECEIPT = /\(receipt ([0-9a-f]{64})\)/;

export interface Answers {
  acknowledged: number;
  refused: number;
  /** The first words of refusals, counted. */
  why: Map<string, number>;
}
interface PodObject {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
}

export const pod = (name: string, nodeName?: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: NAMESPACE, labels: { faults: 'load', 'enc.metanode.io/data-classification': 'Internal', 'enc.metanode.io/data-region': 'EU' } },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'enc.local/demo:1', resources: { requests: { cpu: '1m', memory: '1Mi' } } }],
    ...(nodeName === undefined ? { nodeSelector: { type: 'kwok' } } : { nodeName }),
  },
});

export class Load {
  readonly #stop = new AbortController();
  #loops: Promise<void>[] = [];
  readonly #client: ChainClient;
  /** Ids of transactions that f+1 validators promised. */
  readonly #transactions = new Set<string>();
  readonly #admitted = new Map<string, string>();
  readonly bound = new Map<string, BoundPod & { at: number }>();
  readonly answers = { chain: fresh(), flow: fresh(), pods: fresh() };
  /** Pods that should have been refused and were not. */
  readonly wrong: string[] = [];
  #turn = 0;

  constructor(private readonly bed: Bed) {
    this.#client = createChainClient({ endpoints: bed.layout.endpoints, genesis: bed.genesis, key: loadKeyFile(bed.layout.keyFile('operator')) });
  }

  async start(): Promise<void> {
    await this.#client.start();
    this.#loops = [this.#every(CHAIN_EVERY_MS, () => this.#chain()), this.#every(FLOW_EVERY_MS, () => this.#flow()), this.#every(POD_EVERY_MS, () => this.createPod()), this.#look()];
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
    await this.#client.stop();
  }

  get claims(): Claims {
    return {
      transactions: [...this.#transactions],
      admitted: [...this.#admitted].map(([uid, name]) => ({ uid, name })),
      bound: [...this.bound.values()].map(({ uid, name, node }) => ({ uid, name, node })),
    };
  }

  /** One pod, good or bad in turn; resolves with whether it was answered as it should be. Never rejects. */
  async createPod(): Promise<boolean> {
    const turn = this.#turn++;
    const bad = turn % BAD_EVERY === BAD_EVERY - 1;
    const name = `load-${turn}`;
    try {
      const { metadata } = await this.bed.api.create<PodObject>(PODS, pod(name, bad ? 'eu-1' : undefined));
      if (bad) this.wrong.push(name);
      this.#admitted.set(metadata.uid, name);
      this.answers.pods.acknowledged++;
      return !bad;
    } catch (error) {
      const receipt = RECEIPT.exec((error as Error).message)?.[1];
      if (receipt !== undefined) {
        // A verdict as well: acknowledged, and answered.
        this.#transactions.add(receipt);
        this.answers.pods.acknowledged++;
        if (!bad) this.wrong.push(`${name}: ${(error as Error).message}`);
        return bad;
      }
      refuse(this.answers.pods, error);
      return false;
    }
  }

  async #chain(): Promise<void> {
    const object = { kind: 'Workload', namespace: 'faults', name: 'load', uid: 'load' };
    try {
      const { receiptId } = await this.#client.submit('reconcile.report', { object, generation: 1, outcome: 'applied', reason: 'load under faults', actions: [] });
      this.#transactions.add(receiptId);
      this.answers.chain.acknowledged++;
    } catch (error) {
      refuse(this.answers.chain, error);
    }
  }

  async #flow(): Promise<void> {
    const body = JSON.stringify({ data: { classification: 'Internal' }, source: { region: 'EU' }, destination: { region: 'EU' } });
    try {
      const answer = await fetch(`http://127.0.0.1:${this.bed.layout.ports.trafficLight}/v1/decisions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(10_000) });
      const text = await answer.text();
      const receiptId = answer.ok ? (JSON.parse(text) as { recorded?: { receiptId?: string } }).recorded?.receiptId : undefined;
      if (receiptId === undefined) throw new Error(`${answer.status} ${text}`);
      this.#transactions.add(receiptId);
      this.answers.flow.acknowledged++;
    } catch (error) {
      refuse(this.answers.flow, error);
    }
  }

  /** Notes pods that are bound, and removes them, so that nodes stay free. */
  async #look(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const { items } = await this.bed.api.get<{ items: PodObject[] }>(PODS, { labelSelector: 'faults=load' });
        for (const { metadata, spec } of items) {
          if (!spec.nodeName || this.bound.has(metadata.uid)) continue;
          this.bound.set(metadata.uid, { uid: metadata.uid, name: metadata.name, node: spec.nodeName, at: performance.now() });
          void this.bed.api.delete(`${PODS}/${metadata.name}`, { gracePeriodSeconds: 0 }).catch(() => undefined);
        }
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Starts one after the other at a fixed pace; the next does not wait for the one before, but no more than a few are under way. */
  async #every(ms: number, act: () => Promise<unknown>): Promise<void> {
    const open = new Set<Promise<unknown>>();
    while (!this.#stop.signal.aborted) {
      if (open.size < 8) {
        const one = act();
        open.add(one);
        void one.finally(() => open.delete(one));
      }
      await sleep(ms);
    }
    await Promise.all(open);
  }
}

const fresh = (): Answers => ({ acknowledged: 0, refused: 0, why: new Map() });

function refuse(answers: Answers, error: unknown): void {
  answers.refused++;
  const why = (error instanceof Error ? error.message : String(error)).replaceAll(/load-\d+|[0-9a-f]{8,}|\d+/g, '…').slice(0, 160);
  answers.why.set(why, (answers.why.get(why) ?? 0) + 1);
}
