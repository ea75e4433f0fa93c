// CEL expressions of policies and rules: type-checked and bounded when they are compiled, evaluated on recorded facts only.
import { Environment } from '@marcbachmann/cel-js';
import { expressionFault, variablesOf } from './expressionRules.js';
import type { AdmissionFacts, PodFacts } from './types.js';

export interface CompiledExpression {
  text: string;
  /** It asks for the node's region, which is known when the pod is pinned to one region or a node is considered. */
  needsNode: boolean;
  /** It reads nothing of the request, so it is the same for all. */
  constant: boolean;
  /** Throws what CEL says when the facts lack something the expression needs. */
  holds(facts: AdmissionFacts): boolean;
}
export type Compilation = { ok: true; expression: CompiledExpression } | { ok: false; message: string; position: number | null };
/** A policy's requirement may ask for the node; a TrafficRule's condition is about a flow, which has none. */
export type ExpressionUse = 'requirement' | 'condition';

export const MAX_EXPRESSION_LENGTH = 2_048;
const LIMITS = { maxAstNodes: 300, maxDepth: 24 };

const forConditions = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS })
  .registerVariable({
    name: 'pod',
    schema: {
      labels: 'map<string, string>',
      nodeSelector: 'map<string, string>',
      pinnedRegions: 'list<string>',
      images: 'list<string>',
      cpuMillis: 'int',
      memoryBytes: 'int',
      storageBytes: 'int',
      schedulerName: 'string',
      serviceAccount: 'string',
      hostNamespaces: 'bool',
      privileged: 'bool',
      priority: 'int',
    },
  })
  .registerVariable({
    name: 'data',
    schema: {
      classification: 'string',
      sourceRegion: 'string',
      destinationRegions: 'list<string>',
      operationType: 'string',
      regulations: 'list<string>',
      agreements: 'list<string>',
    },
  })
  .registerVariable({ name: 'namespaceObject', schema: { name: 'string', labels: 'map<string, string>' } })
  .registerVariable({ name: 'request', schema: { operation: 'string', user: 'string', time: 'int' } });
const environments: Readonly<Record<ExpressionUse, Environment>> = {
  condition: forConditions,
  requirement: forConditions.clone().registerVariable({ name: 'node', schema: { region: 'string' } }),
};

const NO_POD: PodFacts = {
  labels: {}, nodeSelector: {}, pinnedRegions: [], tolerations: [], requiredNodeAffinity: [], cpuMillis: 0, memoryBytes: 0, storageBytes: 0,
  images: [], schedulerName: '', serviceAccount: '', hostNamespaces: false, privileged: false, priority: 0,
};
const NO_DATA = { classification: '', sourceRegion: '', destinationRegions: [], operationType: '', regulations: [], agreements: [] };

const contexts = new WeakMap<AdmissionFacts, Record<string, unknown>>();

/** Whole numbers become CEL ints. A request without a pod or data has empty ones, so that a rule sees nothing rather than failing. */
function contextOf(facts: AdmissionFacts): Record<string, unknown> {
  const known = contexts.get(facts);
  if (known) return known;
  const pod = facts.pod ?? NO_POD;
  const context = {
    pod: {
      ...pod,
      pinnedRegions: pod.pinnedRegions ?? [],
      cpuMillis: BigInt(pod.cpuMillis),
      memoryBytes: BigInt(pod.memoryBytes),
      storageBytes: BigInt(pod.storageBytes),
      priority: BigInt(pod.priority),
    },
    data: facts.data ?? NO_DATA,
    namespaceObject: facts.namespace,
    request: { operation: facts.operation, user: facts.user, time: BigInt(facts.time) },
    node: { region: nodeRegionOf(facts) ?? '' },
  };
  contexts.set(facts, context);
  return context;
}

/** Region the pod's node is in, as far as the request decides it. */
export function nodeRegionOf({ pod }: AdmissionFacts): string | undefined {
  return pod?.pinnedRegions?.length === 1 ? pod.pinnedRegions[0] : undefined;
}

function refused(message: string, position: number | null = null): Compilation {
  return { ok: false, message, position };
}

export const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
const positionOf = (error: unknown) => (error as { range?: { start?: number } } | undefined)?.range?.start ?? null;

function compile(text: string, use: ExpressionUse): Compilation {
  if (text.length > MAX_EXPRESSION_LENGTH) return refused(`is longer than ${MAX_EXPRESSION_LENGTH} characters`);
  try {
    const parsed = environments[use].parse(text);
    const fault = expressionFault(parsed.ast);
    if (fault) return refused(fault.message, fault.position);
    const checked = parsed.check();
    if (!checked.valid) return refused(firstLine(checked.error), positionOf(checked.error));
    if (String(checked.type) !== 'bool') return refused(`gives ${String(checked.type)}, not bool`, 0);
    const variables = variablesOf(parsed.ast);
    return {
      ok: true,
      expression: { text, needsNode: variables.has('node'), constant: variables.size === 0, holds: (facts) => parsed(contextOf(facts)) === true },
    };
  } catch (error) {
    return refused(firstLine(error), positionOf(error));
  }
}

/** Every version of a policy set has mostly the expressions of the one before. */
const MAX_REMEMBERED = 4_096;
const remembered = new Map<string, Compilation>();

/** `position` is the offset in the text at which it goes wrong. Compiled once for each text. */
export function compileExpression(text: string, use: ExpressionUse = 'requirement'): Compilation {
  const key = `${use} ${text}`;
  const known = remembered.get(key);
  if (known) return known;
  if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
  const compilation = compile(text, use);
  remembered.set(key, compilation);
  return compilation;
}
