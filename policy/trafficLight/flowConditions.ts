// Whether a TrafficRule's live conditions hold: rate, budget, health, encryption, time of day, and its expression.
import { parseAmount } from '../../api/amounts.js';
import type { CompiledTrafficRule } from '../compiledPolicySet.js';
import { firstLine } from '../expression.js';
import type { Question } from '../question.js';
import type { FlowFacts, LiveFacts } from '../types.js';

const MINUTES_PER_DAY = 1_440;
const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** Half-open, in UTC; a window that ends before it begins spans midnight. */
function inTimeWindow({ from, to }: { from: string; to: string }, time: number): boolean {
  const now = Math.floor(time / 60_000) % MINUTES_PER_DAY;
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  return begin <= end ? begin <= now && now < end : begin <= now || now < end;
}

/** What was not measured holds for Red rules alone: leaving a figure out never opens a flow. */
function liveConditionsHold({ rule: { spec } }: CompiledTrafficRule, live: LiveFacts): boolean {
  const { encrypted, healthy, maxRequestsPerSecond, maxBytesPerSecond, minimumBudget } = spec.conditions ?? {};
  const known = <T>(value: T | null, holds: (value: T) => boolean) => (value === null ? spec.light === 'Red' : holds(value));
  return (
    (encrypted === undefined || known(live.encrypted, (value) => value === encrypted)) &&
    (healthy === undefined || known(live.healthy, (value) => value === healthy)) &&
    (maxRequestsPerSecond === undefined || known(live.requestsPerSecond, (value) => value <= maxRequestsPerSecond)) &&
    (maxBytesPerSecond === undefined || known(live.bytesPerSecond, (value) => value <= maxBytesPerSecond)) &&
    (minimumBudget === undefined || known(live.budget, (value) => value >= parseAmount(minimumBudget)))
  );
}

/** In expressions, what was not measured is as unfavourable as can be. */
const flowFactsOf = (flow: Pick<FlowFacts, 'sourceRegion' | 'destinationRegion' | 'destinationClassification'>, live: LiveFacts): FlowFacts => ({
  ...flow,
  encrypted: live.encrypted ?? false,
  requestsPerSecond: live.requestsPerSecond ?? Number.MAX_SAFE_INTEGER,
  bytesPerSecond: live.bytesPerSecond ?? Number.MAX_SAFE_INTEGER,
  budget: live.budget ?? 0,
  healthy: live.healthy ?? false,
});

export interface Matching {
  matches: boolean;
  /** Why the expression could not be evaluated. */
  error?: string;
}

export function conditionsHold(compiled: CompiledTrafficRule, { facts, node, agreements, ends }: Question, flow: Pick<FlowFacts, 'sourceRegion' | 'destinationRegion' | 'destinationClassification'>): Matching {
  const { rule: { spec }, expression } = compiled;
  const { timeWindow } = spec.conditions ?? {};
  if (!liveConditionsHold(compiled, ends.live)) return { matches: false };
  if (timeWindow && !inTimeWindow(timeWindow, facts.time)) return { matches: false };
  if (!expression) return { matches: true };
  if (!expression.ok) return { matches: true, error: expression.message };
  try {
    return { matches: expression.expression.holds({ facts, node, agreements, flow: flowFactsOf(flow, ends.live) }) };
  } catch (error) {
    return { matches: true, error: firstLine(error) };
  }
}
