// The story's facts as assertions, and the story once more while validators, operator and webhooks are killed.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { BisoPolicy, Workload } from '../../api/index.js';
import { openStory } from '../story/context.js';
import type { Fact } from '../story/fact.js';
import { runStory } from '../story/story.js';
import { kubectlAccess } from '../story/kubectlAccess.js';
import { patient } from '../story/patientKubectl.js';
import { tell } from '../story/tell.js';
import { getJson, must } from '../stack/kubectl.js';
import { programPid } from '../stack/supervise.js';
import { validatorPids } from '../stack/validatorPids.js';
import { waitFor } from '../stack/waitFor.js';
import { startStack, VALIDATORS, type RunningStack } from './runningStack.js';

let stack: RunningStack;
let facts: Fact[];

beforeAll(async () => {
  stack = await startStack();
  const story = await openStory(stack.layout, stack.cluster);
  try {
    facts = await runStory(story, (number, fact) => console.log(tell(number, fact)));
  } finally {
    await story.close();
  }
});
afterAll(async () => stack?.stop());

const QUORUM = 3;
/** The operator asks kubelets every 15 s for figures that are up to 15 s old. */
const SAMPLED_MS = 45_000;

interface RunningPod {
  metadata: { name: string };
  spec: { nodeName: string };
  status: { startTime: string };
}

describe('the story', () => {
  const factNamed = (title: string): Fact => {
    const fact = facts.find((one) => one.title.includes(title));
    if (!fact) throw new Error(`the story has no fact "${title}"; it has ${facts.map((one) => one.title).join('; ')}`);
    return fact;
  };

  it.each([
    ['An EncCluster registers', 'applied'],
    ['BisoPolicies and TrafficRules become active', 'applied'],
    ['An Agreement, signed by its parties', 'applied'],
    ['Restricted EU data: admitted, placed', 'applied'],
    ['Restricted EU data that asks for a US node: refused', 'refused'],
    ['A pod that names its own node: refused', 'refused'],
    ['A Binding made by hand', 'refused'],
    ['Internal EU data sent to the US: Yellow', 'applied'],
    ['A policy changes while its workload runs: placed again', 'applied'],
    ['A flow that is no longer allowed is cut by NetworkPolicy', 'applied'],
    ["The refusal's receipt is verified offline", 'refused'],
    ['A validator signs two votes at one height and loses 5 % of its stake; the court', 'applied'],
    ['A Proposal, voted on by the validators, changes a fee after its timelock', 'applied'],
  ])('%s, with a certified receipt', (title, outcome) => {
    const fact = factNamed(title);
    expect(fact.holds, fact.reason).toBe(true);
    expect(fact.receipt?.outcome).toBe(outcome);
    expect(fact.receipt!.height).toBeGreaterThan(0);
    expect(new Set(fact.receipt!.signers).size).toBeGreaterThanOrEqual(QUORUM);
    expect(fact.receipt!.signers.length).toBeLessThanOrEqual(VALIDATORS);
  });

  it.each(['one byte changed: does not verify', 'Why it runs where it does', 'decided again from its recorded inputs', 'compliance under its agreement'])('accounts for itself: %s', (title) => {
    const fact = factNamed(title);
    expect(fact.holds, fact.reason).toBe(true);
  });

  it('has no fact that is not asserted here', () => {
    expect(facts).toHaveLength(17);
  });
});

describe('on the live cluster', () => {
  const asked = async (arguments_: string[]) => {
    const story = await openStory(stack.layout, stack.cluster);
    try {
      return await story.enc(arguments_);
    } finally {
      await story.close();
    }
  };

  it('kubectl enc test says of manifests what admission said, and exits 1 on a refusal', async () => {
    expect(await asked(['test', 'examples/50-eu-payments.yaml'])).toMatchObject({ code: 0 });
    const refused = await asked(['test', 'examples/60-us-export.yaml']);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: expect.stringContaining('geographic-data-sovereignty/eu-data-stays-in-eu') as string });
  });

  it('kubectl enc diff-policy says which running workloads would turn Red', async () => {
    const policy = path.join(stack.layout.storyDir, 'stricter.yaml');
    const stricter = parse(readFileSync('examples/21-geographic-data-sovereignty.yaml', 'utf8')) as BisoPolicy;
    const rules = [{ ...stricter.spec.rules[0]!, match: {}, requirement: { regions: ['APAC'] } }];
    writeFileSync(policy, JSON.stringify({ ...stricter, spec: { ...stricter.spec, regions: undefined, rules } }));
    const { code, stdout, stderr } = await asked(['diff-policy', policy]);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/would turn Red/) as string, stdout: expect.stringMatching(/payments\/eu-payments-\S+ +eu-payments +\S+ +Green +Red/) as string });
    expect(await asked(['diff-policy', 'examples/21-geographic-data-sovereignty.yaml'])).toMatchObject({ code: 0, stdout: expect.stringContaining('no light changes') as string });
  });

  it('the traffic light decides what the policies in force say, with a receipt', async () => {
    const body = JSON.stringify({ data: { classification: 'Restricted' }, source: { region: 'EU' }, destination: { region: 'US' } });
    const response = await fetch(`http://127.0.0.1:${stack.layout.ports.trafficLight}/v1/decisions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const decision = (await response.json()) as { state: string; policyResult: { rule: string }; recorded: { receiptId: string } };
    expect(decision).toMatchObject({ state: 'Red', policyResult: { rule: 'restricted-to-us' } });
    const story = await openStory(stack.layout, stack.cluster);
    try {
      expect(await story.certified(decision.recorded.receiptId)).toMatchObject({ id: decision.recorded.receiptId });
    } finally {
      await story.close();
    }
  });

  it('the receipt of a pod that ends says what its kubelet measured of it, and nothing that it did not', async () => {
    const story = await openStory(stack.layout, stack.cluster);
    try {
      const pods = await getJson<{ items: RunningPod[] }>(story.kubectl, ['pods', '-n', 'payments', '--field-selector=status.phase=Running']);
      const oldest = pods!.items.filter(({ spec }) => stack.cluster.realNodes.includes(spec.nodeName)).toSorted((a, b) => a.status.startTime.localeCompare(b.status.startTime))[0]!;
      await waitFor('a few samples of it', () => Promise.resolve(Date.now() - Date.parse(oldest.status.startTime) > SAMPLED_MS));
      await must(story.kubectl, ['delete', 'pod', oldest.metadata.name, '-n', 'payments', '--timeout=60s']);
      const used = await waitFor('the receipt of its end', async () => {
        const { stdout } = await story.enc(['receipts', '--for', `pod/${oldest.metadata.name}`, '-n', 'payments', '-o', 'json']);
        return (JSON.parse(stdout) as { resourceUsage: Record<string, number> | null }[]).find(({ resourceUsage }) => resourceUsage !== null)?.resourceUsage;
      });
      expect(used).toMatchObject({ cpuTimeUsed: expect.any(Number) as number, memoryPeak: expect.any(Number) as number });
      expect(used!.cpuTimeUsed).toBeGreaterThan(0);
      expect(used!.memoryPeak).toBeGreaterThan(1024 * 1024);
      expect(used).not.toHaveProperty('storageOperations');
    } finally {
      await story.close();
    }
  });

  it("a node's region is what its commitment attests: relabelling it leads no Restricted EU data there", async () => {
    const story = await openStory(stack.layout, stack.cluster);
    const { kubectl } = story;
    try {
      await must(kubectl, ['label', 'node', 'us-1', 'topology.kubernetes.io/region=EU', '--overwrite']);
      const workload = parse(readFileSync('examples/50-eu-payments.yaml', 'utf8')) as Workload;
      workload.metadata.name = 'lured';
      workload.spec.template.spec = { ...workload.spec.template.spec, nodeSelector: { 'kubernetes.io/hostname': 'us-1' } };
      await must(kubectl, ['apply', '-f', '-'], JSON.stringify(workload));
      const explained = await waitFor('the reason why it waits', async () => {
        const { stdout } = await story.enc(['explain', 'workload/lured', '-n', 'payments']);
        return /us-1/.test(stdout) && stdout;
      });
      expect(explained).toMatch(/us-1[^\n]*(US|geographic-data-sovereignty)/);
      const pods = await getJson<{ items: { spec: { nodeName?: string } }[] }>(kubectl, ['pods', '-n', 'payments', '-l', 'enc.metanode.io/workload=lured']);
      expect(pods!.items.map(({ spec }) => spec.nodeName)).toEqual([undefined]);
    } finally {
      await kubectl(['delete', 'workload', 'lured', '-n', 'payments', '--timeout=60s']);
      await must(kubectl, ['label', 'node', 'us-1', 'topology.kubernetes.io/region=US', '--overwrite']);
      await story.close();
    }
  });
});

/** Kills one of them with SIGKILL every few seconds, in turn, until stopped; returns how many it killed. */
function killInTurn(pids: () => (number | undefined)[], everyMs: number): () => number {
  let turn = 0;
  let killed = 0;
  const timer = setInterval(() => {
    const known = pids();
    const pid = known[turn++ % known.length];
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    killed++;
  }, everyMs);
  return () => {
    clearInterval(timer);
    return killed;
  };
}

describe('the story goes on while', () => {
  it.each([
    ['validators are killed, one at a time', () => validatorPids(stack.layout)],
    ['operator and webhooks are killed', () => [programPid(stack.layout, 'operator'), programPid(stack.layout, 'webhooks')]],
  ])('%s', async (_name, pids) => {
    const story = await openStory(stack.layout, stack.cluster);
    const stop = killInTurn(pids, 7_000);
    try {
      // An arbitrator has three seconds for a ballot here, a vote seven: what came too late is told again.
      const told = await runStory({ ...story, access: kubectlAccess(patient(story.kubectl), story.namespace) }, (number, fact) => console.log(tell(number, fact)), { attempts: 4 });
      expect(stop()).toBeGreaterThan(0);
      expect(told.filter(({ holds }) => !holds)).toEqual([]);
      expect(told.map(({ title }) => title)).toEqual(facts.map(({ title }) => title));
    } finally {
      stop();
      await story.close();
    }
  });
});
