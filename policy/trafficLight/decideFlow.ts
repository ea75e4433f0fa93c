// The traffic light: Green, Yellow or Red for one flow of data, by the first TrafficRule in precedence that matches (the plan's TrafficLightDecision).
import type { FlowEnd, TrafficRuleSpec } from '../../api/index.js';
import type { CompiledPolicySet, CompiledTrafficRule } from '../compiledPolicySet.js';
import { selects } from '../labelSelector.js';
import { concernsRegion } from '../regions.js';
import type { AdmissionFacts, DataFacts, FlowDecision, Violation } from '../types.js';
import { violationOf } from '../violation.js';

/** Label by which a pod declares that it speaks only encrypted protocols; it cannot change after admission. */
export const ENCRYPTION_LABEL = 'enc.metanode.io/encryption-in-transit';

const MINUTES_PER_DAY = 1_440;
const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** Half-open, in UTC; a window that ends before it begins spans midnight. */
export function inTimeWindow({ from, to }: { from: string; to: string }, time: number): boolean {
  const now = Math.floor(time / 60_000) % MINUTES_PER_DAY;
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  return begin <= end ? begin <= now && now < end : begin <= now || now < end;
}

/** The other end of a pod's declared flow is known by region only, so an end that selects pods or namespaces does not match it. */
const matchesDestination = (end: FlowEnd, region: string) => concernsRegion(end.regions, region) && !end.podSelector && !end.namespaceSelector;

type Matching = { matches: boolean; error?: string };

function conditionsHold({ rule: { spec }, expression }: CompiledTrafficRule, facts: AdmissionFacts): Matching {
  const { encrypted, timeWindow } = spec.conditions ?? {};
  if (encrypted !== undefined && (facts.pod?.labels[ENCRYPTION_LABEL] === 'required') !== encrypted) return { matches: false };
  if (timeWindow && !inTimeWindow(timeWindow, facts.time)) return { matches: false };
  if (!expression) return { matches: true };
  if (!expression.ok) return { matches: true, error: expression.message };
  try {
    return { matches: expression.expression.holds(facts) };
  } catch (error) {
    return { matches: true, error: (error instanceof Error ? error.message : String(error)).split('\n')[0]! };
  }
}

function match(compiled: CompiledTrafficRule, facts: AdmissionFacts, destination: string): Matching {
  const { spec } = compiled.rule;
  const ends = selects(spec.source.podSelector, facts.pod?.labels ?? {}) && selects(spec.source.namespaceSelector, facts.namespace.labels) && matchesDestination(spec.destination, destination);
  return ends ? conditionsHold(compiled, facts) : { matches: false };
}

/** Where no rule speaks: within a region Green; across regions Public and Internal Green, Confidential and Restricted Red. */
function byDefault(data: DataFacts, destination: string): Pick<FlowDecision, 'light' | 'reason'> {
  if (data.sourceRegion === destination) return { light: 'Green', reason: `stays in ${destination}` };
  const light = data.classification === 'Public' || data.classification === 'Internal' ? 'Green' : 'Red';
  return { light, reason: light === 'Green' ? `${data.classification} data may leave its region unless a rule says otherwise` : `no TrafficRule permits ${data.classification} data to leave ${data.sourceRegion} for ${destination}` };
}

const obligationsOf = (name: string, spec: TrafficRuleSpec): FlowDecision['obligations'] =>
  (spec.light === 'Yellow' ? spec.obligations : []).map(({ type, parameters }) => ({ type, parameters: parameters ?? {}, rule: name }));

export interface FlowFinding {
  flow: FlowDecision;
  violation: Violation | null;
}

export function decideFlow(policies: CompiledPolicySet, facts: AdmissionFacts, data: DataFacts, destination: string): FlowFinding {
  const ends = { sourceRegion: data.sourceRegion, destinationRegion: destination };
  for (const compiled of policies.trafficRulesFor(data)) {
    const matching = match(compiled, facts, destination);
    if (!matching.matches) continue;
    const { name, spec } = compiled.rule;
    const light = matching.error === undefined ? spec.light : 'Red';
    const reason = matching.error === undefined ? `rule ${name}` : `rule ${name} cannot be evaluated: ${matching.error}`;
    const flow = { ...ends, light, rule: name, reason, obligations: matching.error === undefined ? obligationsOf(name, spec) : [] };
    const message = `the flow ${data.sourceRegion} → ${destination} of ${data.classification} data is Red: ${reason}`;
    return { flow, violation: light === 'Red' ? violationOf({ kind: 'TrafficRule', name, rule: '', message, action: 'reject_workload' }, spec.clause, 'keep the data out of that region') : null };
  }
  const { light, reason } = byDefault(data, destination);
  const flow: FlowDecision = { ...ends, light, rule: '', reason, obligations: [] };
  if (light !== 'Red') return { flow, violation: null };
  const cure = `apply a TrafficRule that permits it, or keep the data in ${data.sourceRegion}`;
  return { flow, violation: violationOf({ kind: 'TrafficRule', name: 'default', rule: '', message: reason, action: 'reject_workload' }, { text: 'Where no rule permits it, Confidential and Restricted data stays in its region.' }, cure) };
}
