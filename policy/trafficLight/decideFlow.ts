// The traffic light: Green, Yellow or Red for one flow of data, by the first TrafficRule in precedence that matches (the plan's TrafficLightDecision).
import type { FlowEnd, LabelSelector, TrafficRuleSpec } from '../../api/index.js';
import { CLASSIFICATIONS } from '../../api/labels.js';
import type { CompiledTrafficRule } from '../compiledPolicySet.js';
import { selects } from '../labelSelector.js';
import type { Question } from '../question.js';
import { expandRegion } from '../regions.js';
import type { Classification, FlowDecision, Light, Violation } from '../types.js';
import { violationOf } from '../violation.js';
import { conditionsHold, type Matching } from './flowConditions.js';

const isEmpty = (selector: LabelSelector | undefined) => Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;

/** An end that is known by its region only is not matched by a rule that selects some pods or namespaces there. */
function otherEndMatches(end: FlowEnd, { ends: { other } }: Question): boolean {
  if (!other) return isEmpty(end.podSelector) && isEmpty(end.namespaceSelector);
  return selects(end.podSelector, other.labels) && selects(end.namespaceSelector, other.namespaceLabels);
}

interface Pair {
  source: string;
  destination: string;
  clearance: Classification;
}

/** The parts of a rule that the index has not decided. */
function match(compiled: CompiledTrafficRule, question: Question, { source, destination, clearance }: Pair): Matching {
  const { spec } = compiled.rule;
  const { pod, namespace } = question.facts;
  const ends = selects(spec.source.podSelector, pod?.labels ?? {}) && selects(spec.source.namespaceSelector, namespace.labels) && otherEndMatches(spec.destination, question);
  if (!ends) return { matches: false };
  return conditionsHold(compiled, question, { sourceRegion: source, destinationRegion: destination, destinationClassification: clearance });
}

export interface FlowFinding {
  flow: FlowDecision;
  /** 'error' when the deciding rule could not be evaluated, which is Red. */
  outcome: 'pass' | 'violation' | 'error';
  violation: Violation | null;
}

const DEFAULT_CLAUSE = { text: 'Where no rule permits it, Confidential and Restricted data stays in its region.' };
const CLEARANCE_CLAUSE = { text: 'Where no rule permits it, data stays with those who are cleared for its class.' };
const below = (clearance: Classification | null, classification: Classification) =>
  clearance !== null && CLASSIFICATIONS.indexOf(clearance) < CLASSIFICATIONS.indexOf(classification);

function red({ source, destination }: Pair, reason: string, clause: { text: string }, cure: string): FlowFinding {
  const violation = violationOf({ kind: 'TrafficRule', name: 'default', rule: '', message: reason, action: 'reject_workload' }, clause, cure);
  return { flow: { sourceRegion: source, destinationRegion: destination, rule: '', obligations: [], light: 'Red', reason }, outcome: 'violation', violation };
}

/**
 * Where no rule speaks: to and from an end not cleared for the class Red; else within a region Green; across regions Public and Internal
 * Green, Confidential and Restricted Red.
 */
function byDefault({ data: { classification }, ends: { sourceClearance, destinationClearance } }: Question, pair: Pair): FlowFinding {
  const { source, destination } = pair;
  const uncleared = below(destinationClearance, classification) ? `to an end in ${destination} that is cleared for ${destinationClearance}` : below(sourceClearance, classification) ? `from an end in ${source} that is cleared for ${sourceClearance}` : undefined;
  if (uncleared !== undefined)
    return red(pair, `no TrafficRule permits ${classification} data ${uncleared} only`, CLEARANCE_CLAUSE, 'send it to an end that is cleared for its class, or apply a TrafficRule that permits it');
  const green = (reason: string): FlowFinding =>
    ({ flow: { sourceRegion: source, destinationRegion: destination, rule: '', obligations: [], light: 'Green', reason }, outcome: 'pass', violation: null });
  if (source === destination) return green(`stays in ${destination}`);
  if (classification === 'Public' || classification === 'Internal') return green(`${classification} data may leave its region unless a rule says otherwise`);
  return red(pair, `no TrafficRule permits ${classification} data to leave ${source} for ${destination}`, DEFAULT_CLAUSE, `apply a TrafficRule that permits it, or keep the data in ${source}`);
}

const obligationsOf = (name: string, spec: TrafficRuleSpec): FlowDecision['obligations'] =>
  (spec.light === 'Yellow' ? spec.obligations : []).map(({ type, parameters }) => ({ type, parameters: parameters ?? {}, rule: name }));

function decidedBy({ rule: { name, spec } }: CompiledTrafficRule, { data }: Question, { source, destination }: Pair, error: string | undefined): FlowFinding {
  const failed = error !== undefined;
  const light = failed ? 'Red' : spec.light;
  const reason = failed ? `rule ${name} cannot be evaluated: ${error}` : `rule ${name}`;
  const flow: FlowDecision = { sourceRegion: source, destinationRegion: destination, light, rule: name, reason, obligations: failed ? [] : obligationsOf(name, spec) };
  if (light !== 'Red') return { flow, outcome: 'pass', violation: null };
  const message = `the flow ${source} → ${destination} of ${data.classification} data is Red: ${reason}`;
  const violation = violationOf({ kind: 'TrafficRule', name, rule: '', message, action: 'reject_workload' }, spec.clause, 'keep the data out of that region');
  return { flow, outcome: failed ? 'error' : 'violation', violation };
}

function decidePair(question: Question, pair: Pair): FlowFinding {
  const { policies, facts, data, ends, excepting } = question;
  for (const compiled of policies.trafficRulesFor(facts, data, { ...pair, end: ends.other })) {
    const matching = match(compiled, question, pair);
    if (!matching.matches) continue;
    const { name, spec } = compiled.rule;
    if (excepting.from({ kind: 'TrafficRule', name, rule: '', approval: spec.exceptionApproval, permits: spec.light !== 'Red' })) continue;
    return decidedBy(compiled, question, pair, matching.error);
  }
  const finding = byDefault(question, pair);
  const opened = finding.flow.light === 'Red' && excepting.from({ kind: 'TrafficRule', name: 'default', rule: '', approval: undefined });
  return opened ? { flow: { ...finding.flow, light: 'Green', reason: `excepted by PolicyException ${opened.name}` }, outcome: 'pass', violation: null } : finding;
}

const SEVERITY: readonly Light[] = ['Green', 'Yellow', 'Red'];
const severity = ({ flow }: FlowFinding) => SEVERITY.indexOf(flow.light);

/** Data of or for Global flows between all the regions: the worst of those flows decides, and what Yellow ones oblige to adds up. */
export function decideFlow(question: Question, destination: string): FlowFinding {
  const { data, ends } = question;
  const clearance = ends.destinationClearance ?? data.classification;
  const pairs = expandRegion(data.sourceRegion).flatMap((source) => expandRegion(destination).map((to) => decidePair(question, { source, destination: to, clearance })));
  const worst = pairs.reduce((a, b) => (severity(b) > severity(a) ? b : a));
  if (pairs.length === 1) return worst;
  const { sourceRegion, destinationRegion, light, reason } = worst.flow;
  const obligations = light === 'Yellow' ? pairs.flatMap(({ flow }) => flow.obligations) : [];
  const once = obligations.filter(({ rule, type }, index) => obligations.findIndex((other) => other.rule === rule && other.type === type) === index);
  return { ...worst, flow: { ...worst.flow, sourceRegion: data.sourceRegion, destinationRegion: destination, reason: `${reason} (${sourceRegion} → ${destinationRegion})`, obligations: once } };
}
