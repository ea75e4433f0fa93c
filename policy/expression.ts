// CEL expressions of policies and rules: type-checked and bounded when they are compiled, evaluated on recorded facts only.
import { Environment } from '@marcbachmann/cel-js';
import type { AdmissionFacts, PodFacts } from './types.js';

export interface CompiledExpression {
  text: string;
  /** Throws what CEL says when the facts lack something the expression needs. */
  holds(facts: AdmissionFacts): boolean;
}
export type Compilation = { ok: true; expression: CompiledExpression } | { ok: false; message: string; position: number | null };

export const MAX_EXPRESSION_LENGTH = 2_048;
const MAX_AST_NODES = 300;
const MAX_DEPTH = 24;
/** Two nested loops over the largest list of the facts (256 images) stay in the low milliseconds. */
const MAX_LOOPS = 2;
const LOOP = /\.(all|exists|exists_one|map|filter)\s*\(/g;
/** Back-tracking regular expressions have no cost bound. */
const MATCHES = /\.matches\s*\(/;

const environment = new Environment({ unlistedVariablesAreDyn: false, limits: { maxAstNodes: MAX_AST_NODES, maxDepth: MAX_DEPTH } })
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

const contexts = new WeakMap<AdmissionFacts, Record<string, unknown>>();

const NO_POD: PodFacts = {
  labels: {}, nodeSelector: {}, pinnedRegions: [], tolerations: [], requiredNodeAffinity: [], cpuMillis: 0, memoryBytes: 0, storageBytes: 0,
  images: [], schedulerName: '', serviceAccount: '', hostNamespaces: false, privileged: false, priority: 0,
};
const NO_DATA = { classification: '', sourceRegion: '', destinationRegions: [], operationType: '', regulations: [], agreements: [] };

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
  };
  contexts.set(facts, context);
  return context;
}

function refused(message: string, position: number | null = null): Compilation {
  return { ok: false, message, position };
}

const firstLine = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
const positionOf = (error: unknown) => (error as { range?: { start?: number } } | undefined)?.range?.start ?? null;

/** `position` is the offset in the text at which it goes wrong. */
export function compileExpression(text: string): Compilation {
  if (text.length > MAX_EXPRESSION_LENGTH) return refused(`is longer than ${MAX_EXPRESSION_LENGTH} characters`);
  const regex = MATCHES.exec(text);
  if (regex) return refused('uses matches(), whose cost has no bound; use startsWith, endsWith, contains or ==', regex.index);
  const loops = [...text.matchAll(LOOP)];
  if (loops.length > MAX_LOOPS) return refused(`has ${loops.length} loops (all, exists, map, filter); at most ${MAX_LOOPS} are allowed`, loops[MAX_LOOPS]!.index);
  try {
    const parsed = environment.parse(text);
    const checked = parsed.check();
    if (!checked.valid) return refused(firstLine(checked.error), positionOf(checked.error));
    if (String(checked.type) !== 'bool') return refused(`gives ${String(checked.type)}, not bool`, 0);
    return { ok: true, expression: { text, holds: (facts) => parsed(contextOf(facts)) === true } };
  } catch (error) {
    return refused(firstLine(error), positionOf(error));
  }
}
