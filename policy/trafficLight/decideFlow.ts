// The traffic light: Green, Yellow or Red for one flow of data, by the first TrafficRule in precedence that matches (the plan's TrafficLightDecision).
import type { FlowEnd, LabelSelector, TrafficRuleSpec } from '../../api/index.js';
import type { CompiledPolicySet, CompiledTrafficRule } from '../compiledPolicySet.js';
import { firstLine } from '../expression.js';
import { selects } from '../labelSelector.js';
import { expandRegion } from '../regions.js';
import type { AdmissionFacts, DataFacts, FlowDecision, Light, Violation } from '../types.js';
import { violationOf } from '../violation.js';

/** Label by which a pod declares that it speaks only encrypted protocols; it cannot change after admission. */
const ENCRYPTION_LABEL = 'enc.metanode.io/encryption-in-transit';

const MINUTES_PER_DAY = 1_440;
const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** Half-open, in UTC; a window that ends before it begins spans midnight. */
function inTimeWindow({ from, to }: { from: string; to: string }, time: number): boolean {
  const now = Math.floor(time / 60_000) % MINUTES_PER_DAY;
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  return begin <= end ? begin <= now && now < end : begin <= now || now < end;
}

const isEmpty = (selector: LabelSelector | undefined) => Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;

/** The other end of a pod's declared flow is known by region only, so an end that selects some pods or namespaces does not match it. */
const matchesAnyPod = (end: FlowEnd) => isEmpty(end.podSelector) && isEmpty(end.namespaceSelector);

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
    return { matches: true, error: firstLine(error) };
  }
}

/** The parts of a rule that the index has not decided. */
function match(compiled: CompiledTrafficRule, facts: AdmissionFacts): Matching {
  const { spec } = compiled.rule;
  const ends = selects(spec.source.podSelector, facts.pod?.labels ?? {}) && selects(spec.source.namespaceSelector, facts.namespace.labels) && matchesAnyPod(spec.destination);
  return ends ? conditionsHold(compiled, facts) : { matches: false };
}

export interface FlowFinding {
  flow: FlowDecision;
  /** 'error' when the deciding rule could not be evaluated, which is Red. */
  outcome: 'pass' | 'violation' | 'error';
  violation: Violation | null;
}

const DEFAULT_CLAUSE = { text: 'Where no rule permits it, Confidential and Restricted data stays in its region.' };

/** Where no rule speaks: within a region Green; across regions Public and Internal Green, Confidential and Restricted Red. */
function byDefault({ classification }: DataFacts, sourceRegion: string, destination: string): FlowFinding {
  const ends = { sourceRegion, destinationRegion: destination, rule: '', obligations: [] };
  if (sourceRegion === destination) return { flow: { ...ends, light: 'Green', reason: `stays in ${destination}` }, outcome: 'pass', violation: null };
  if (classification === 'Public' || classification === 'Internal')
    return { flow: { ...ends, light: 'Green', reason: `${classification} data may leave its region unless a rule says otherwise` }, outcome: 'pass', violation: null };
  const reason = `no TrafficRule permits ${classification} data to leave ${sourceRegion} for ${destination}`;
  const cure = `apply a TrafficRule that permits it, or keep the data in ${sourceRegion}`;
  const violation = violationOf({ kind: 'TrafficRule', name: 'default', rule: '', message: reason, action: 'reject_workload' }, DEFAULT_CLAUSE, cure);
  return { flow: { ...ends, light: 'Red', reason }, outcome: 'violation', violation };
}

const obligationsOf = (name: string, spec: TrafficRuleSpec): FlowDecision['obligations'] =>
  (spec.light === 'Yellow' ? spec.obligations : []).map(({ type, parameters }) => ({ type, parameters: parameters ?? {}, rule: name }));

function decidePair(policies: CompiledPolicySet, facts: AdmissionFacts, data: DataFacts, source: string, destination: string): FlowFinding {
  const ends = { sourceRegion: source, destinationRegion: destination };
  for (const compiled of policies.trafficRulesFor(data, source, destination)) {
    const matching = match(compiled, facts);
    if (!matching.matches) continue;
    const { name, spec } = compiled.rule;
    const failed = matching.error !== undefined;
    const light = failed ? 'Red' : spec.light;
    const reason = failed ? `rule ${name} cannot be evaluated: ${matching.error}` : `rule ${name}`;
    const flow: FlowDecision = { ...ends, light, rule: name, reason, obligations: failed ? [] : obligationsOf(name, spec) };
    if (light !== 'Red') return { flow, outcome: 'pass', violation: null };
    const message = `the flow ${source} → ${destination} of ${data.classification} data is Red: ${reason}`;
    const violation = violationOf({ kind: 'TrafficRule', name, rule: '', message, action: 'reject_workload' }, spec.clause, 'keep the data out of that region');
    return { flow, outcome: failed ? 'error' : 'violation', violation };
  }
  return byDefault(data, source, destination);
}

const SEVERITY: readonly Light[] = ['Green', 'Yellow', 'Red'];
const severity = ({ flow }: FlowFinding) => SEVERITY.indexOf(flow.light);

/** Data of or for Global flows between all the regions: the worst of those flows decides, and what Yellow ones oblige to adds up. */
export function decideFlow(policies: CompiledPolicySet, facts: AdmissionFacts, data: DataFacts, destination: string): FlowFinding {
  const pairs = expandRegion(data.sourceRegion).flatMap((source) => expandRegion(destination).map((to) => decidePair(policies, facts, data, source, to)));
  const worst = pairs.reduce((a, b) => (severity(b) > severity(a) ? b : a));
  if (pairs.length === 1) return worst;
  const { sourceRegion, destinationRegion, light, reason } = worst.flow;
  const obligations = light === 'Yellow' ? pairs.flatMap(({ flow }) => flow.obligations) : [];
  const once = obligations.filter(({ rule, type }, index) => obligations.findIndex((other) => other.rule === rule && other.type === type) === index);
  return { ...worst, flow: { ...worst.flow, sourceRegion: data.sourceRegion, destinationRegion: destination, reason: `${reason} (${sourceRegion} → ${destinationRegion})`, obligations: once } };
}
