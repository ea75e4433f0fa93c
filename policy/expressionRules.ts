// What a policy's CEL may use, told from its syntax tree: only what gives the same on every machine within a bounded time.
import type { ASTNode } from '@marcbachmann/cel-js';

export interface ExpressionFault {
  message: string;
  /** Offset in the text. */
  position: number;
}

const LOOPS: readonly string[] = ['all', 'exists', 'exists_one', 'map', 'filter'];
/**
 * Left out on purpose: matches (back-tracking has no cost bound), double (fractions), bind (values that double at each step),
 * and everything on time but the request's milliseconds (time zones differ from machine to machine).
 */
const FUNCTIONS: readonly string[] = [
  ...LOOPS, 'has', 'size', 'int', 'string', 'bool', 'startsWith', 'endsWith', 'contains', 'indexOf', 'lastIndexOf', 'substring', 'split', 'join', 'lowerAscii', 'upperAscii', 'trim',
];

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

/** The node and all below it, in the order of the text. */
function* nodesOf(value: unknown): Generator<ASTNode> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item);
  if (!isNode(value)) return;
  yield value;
  yield* nodesOf(value.args);
}

function faultOf(node: ASTNode): string | undefined {
  if (node.op === 'value' && typeof node.args === 'number') return 'has a fraction; use whole numbers';
  if (node.op !== 'call' && node.op !== 'rcall') return undefined;
  return FUNCTIONS.includes(node.args[0]) ? undefined : `uses ${node.args[0]}(), which is not among the functions allowed here: ${FUNCTIONS.join(', ')}`;
}

/** The first thing that is not allowed; undefined when everything is. */
export function expressionFault(tree: ASTNode): ExpressionFault | undefined {
  for (const node of nodesOf(tree)) {
    const fault = faultOf(node);
    if (fault !== undefined) return { message: fault, position: node.start };
  }
  return undefined;
}

/** Names of the variables it reads, those of its own loops among them. */
export function variablesOf(tree: ASTNode): Set<string> {
  const names = new Set<string>();
  for (const node of nodesOf(tree)) if (node.op === 'id') names.add(node.args);
  return names;
}

/** Members of a variable that it reads; the variable's own name where it reads it as a whole. */
export function membersOf(tree: ASTNode, variable: string): Set<string> {
  const members = new Set<string>();
  const all = [...nodesOf(tree)];
  const owners = new Set<ASTNode>();
  for (const node of all) {
    if (node.op !== '.' || node.args[0].op !== 'id' || node.args[0].args !== variable) continue;
    members.add(node.args[1]);
    owners.add(node.args[0]);
  }
  if (all.some((node) => node.op === 'id' && node.args === variable && !owners.has(node))) members.add(variable);
  return members;
}
