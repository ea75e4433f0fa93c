// Measures decisions in this process: policy evaluation and the traffic light with 1, 50 and 500 policies, as fast as it goes and at 1,000 a second (the plan: 10 ms and 50 ms on average).
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BisoPolicySpec } from '../../api/index.js';
import { evaluate } from '../../policy/evaluate.js';
import { evaluateFlow, type FlowRequest } from '../../policy/trafficLight/evaluateFlow.js';
import type { AdmissionFacts, Named, PolicySet } from '../../policy/types.js';
import { aPolicy, aPolicySet, aRule, aTrafficRule, someFacts } from '../../policy/testing/builders.js';

const SIZES = [1, 50, 500];
const ROUNDS = 20_000;
const WARM_UP = 2_000;
const PER_SECOND = 1_000;
const SECONDS = 10;

/** Policies as clusters of many tenants have them: each about one tenant's pods, a region or a class; `matching` of them speak of the request. */
function policies(count: number, matching: number): Named<BisoPolicySpec>[] {
  return Array.from({ length: count }, (_, i) => {
    const match = i < matching ? { sourceRegions: ['EU' as const] } : { podSelector: { matchLabels: { tenant: `t${i}` } } };
    return aPolicy(`policy-${String(i).padStart(3, '0')}`, { rules: [aRule({ match, requirement: { expression: 'pod.containers.all(c, c.image.startsWith("registry.bank.example/")) && pod.cpuMillis <= 4000' } })] });
  });
}
const rules = (count: number) =>
  Array.from({ length: count }, (_, i) => aTrafficRule(`rule-${String(i).padStart(3, '0')}`, i === 0 ? { destination: { regions: ['US'] }, conditions: { expression: 'flow.encrypted' } } : { priority: 500, source: { podSelector: { matchLabels: { tenant: `t${i}` } } }, light: 'Red' }));

/** Facts are new objects for each request, as they are in the webhooks. */
const facts = (): AdmissionFacts =>
  someFacts({ data: { destinationRegions: ['US'] }, pod: { labels: { app: 'web', tenant: 'none', 'pod-template-hash': 'abc', 'enc.metanode.io/encryption-in-transit': 'required' }, containers: [{ name: 'app', image: 'registry.bank.example/app:1' }, { name: 'mesh', image: 'registry.bank.example/mesh:1' }] } });
const end = { classification: null, namespace: { name: 'payments', labels: { 'enc.metanode.io/enforced': 'true' } }, labels: { app: 'web' } };
const flow = (): FlowRequest => ({
  decisionId: '00000000-0000-4000-8000-000000000001', time: Date.now(), requester: 'bench', data: { classification: 'Restricted', operationType: 'Transfer', regulations: [], agreements: [] },
  source: { region: 'EU', ...end }, destination: { region: 'US', ...end }, live: { encrypted: true, requestsPerSecond: 5, bytesPerSecond: null, budget: null, healthy: true },
});

interface Figures {
  mean: number;
  p50: number;
  p99: number;
  max: number;
}
function figuresOf(milliseconds: number[]): Figures {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1)! };
}

function timed(decide: () => void): number {
  const began = performance.now();
  decide();
  return performance.now() - began;
}

function asFastAsItGoes(decide: () => void): Figures {
  for (let i = 0; i < WARM_UP; i++) decide();
  return figuresOf(Array.from({ length: ROUNDS }, () => timed(decide)));
}

/** Open loop: a decision is due each millisecond whether or not the one before is done, and its time runs from when it was due. */
async function paced(decide: () => void): Promise<Figures> {
  const times: number[] = [];
  const began = performance.now();
  for (let i = 0; i < PER_SECOND * SECONDS; i++) {
    const due = began + (i * 1_000) / PER_SECOND;
    while (performance.now() < due) await (due - performance.now() > 2 ? sleep(1) : new Promise((resolve) => setImmediate(resolve)));
    decide();
    times.push(performance.now() - due);
  }
  return figuresOf(times);
}

const shown = ({ mean, p50, p99, max }: Figures) => [mean, p50, p99, max].map((value) => value.toFixed(4).padStart(9)).join(' ');

async function main(): Promise<void> {
  const results: Record<string, Figures & { firstMs?: number }> = {};
  const measure = async (name: string, set: PolicySet, decide: (set: PolicySet) => void, run: (decide: () => void) => Figures | Promise<Figures>) => {
    const firstMs = timed(() => decide(set));
    const figures = await run(() => decide(set));
    results[name] = { ...figures, firstMs };
    console.log(`${name.padEnd(58)} ${shown(figures)} ${firstMs.toFixed(3).padStart(9)}`);
  };
  console.log(`${'ms'.padEnd(58)} ${['mean', 'p50', 'p99', 'max', 'first'].map((word) => word.padStart(9)).join(' ')}`);
  for (const size of SIZES) {
    const few = aPolicySet({ policies: policies(size, 1), rules: rules(size) });
    await measure(`policy evaluation, ${size} policies and rules, 1 matches`, few, (set) => void evaluate(set, facts()), asFastAsItGoes);
    await measure(`traffic light, ${size} policies and rules, 1 matches`, few, (set) => void evaluateFlow(set, flow()), asFastAsItGoes);
  }
  const all = aPolicySet({ policies: policies(500, 500), rules: rules(1) });
  await measure('policy evaluation, 500 policies, all match', all, (set) => void evaluate(set, facts()), (decide) => figuresOf(Array.from({ length: 500 }, () => timed(decide))));
  const busy = aPolicySet({ policies: policies(500, 1), rules: rules(500) });
  await measure(`traffic light, 500 policies and rules, at ${PER_SECOND}/s for ${SECONDS} s`, busy, (set) => void evaluateFlow(set, flow()), paced);
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  console.log(`resident memory ${(rss / 2 ** 20).toFixed(0)} MiB, processor time ${((user + system) / 1e6).toFixed(1)} s`);
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/policy.json', `${JSON.stringify({ node: process.version, rss, results }, null, 2)}\n`);
}

await main();
