// The story's facts as assertions, and the story once more while validators, operator and webhooks are killed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStory } from '../story/context.js';
import type { Fact } from '../story/fact.js';
import { runStory } from '../story/story.js';
import { patient } from '../story/patientKubectl.js';
import { tell } from '../story/tell.js';
import { programPid } from '../stack/supervise.js';
import { validatorPids } from '../stack/validatorPids.js';
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
      const told = await runStory({ ...story, kubectl: patient(story.kubectl) }, (number, fact) => console.log(tell(number, fact)));
      expect(stop()).toBeGreaterThan(0);
      expect(told.filter(({ holds }) => !holds)).toEqual([]);
      expect(told.map(({ title }) => title)).toEqual(facts.map(({ title }) => title));
    } finally {
      stop();
      await story.close();
    }
  });
});
