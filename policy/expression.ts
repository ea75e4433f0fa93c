// CEL expressions of policies and rules: type-checked and bounded when they are compiled, evaluated on recorded facts only.
import type { ASTNode } from '@marcbachmann/cel-js';
import { estimateCost, MAX_EXPRESSION_COST } from './expressionCost.js';
import { expressionFault, membersOf, variablesOf } from './expressionRules.js';
import { contextOf, environments, type ExpressionInput, type ExpressionUse } from './expressionVariables.js';

export interface CompiledExpression {
  text: string;
  /**
   * What it asks of the node: its region, which is known when the pod is pinned to one region or a node is considered; anything else,
   * which only a node that is considered can tell; or nothing.
   */
  needsNode: 'region' | 'node' | null;
  /** It asks what only a pod has, as its containers or its size; its labels a flow's sender has too. */
  needsPod: boolean;
  /** It reads nothing of the request, so it is the same for all. */
  constant: boolean;
  /** Upper bound of the steps it takes. */
  cost: number;
  /** Throws what CEL says when the facts lack something the expression needs. */
  holds(input: ExpressionInput): boolean;
}
export type Compilation = { ok: true; expression: CompiledExpression } | { ok: false; message: string; position: number | null };

export const MAX_EXPRESSION_LENGTH = 2_048;

function refused(message: string, position: number | null = null): Compilation {
  return { ok: false, message, position };
}

export const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
const positionOf = (error: unknown) => (error as { range?: { start?: number } } | undefined)?.range?.start ?? null;

function nodeNeed(tree: ASTNode): CompiledExpression['needsNode'] {
  const members = membersOf(tree, 'node');
  if (members.size === 0) return null;
  return members.size === 1 && members.has('region') ? 'region' : 'node';
}

function compile(text: string, use: ExpressionUse): Compilation {
  if (text.length > MAX_EXPRESSION_LENGTH) return refused(`is longer than ${MAX_EXPRESSION_LENGTH} characters`);
  try {
    const parsed = environments[use].parse(text);
    const fault = expressionFault(parsed.ast);
    if (fault) return refused(fault.message, fault.position);
    const checked = parsed.check();
    if (!checked.valid) return refused(firstLine(checked.error), positionOf(checked.error));
    if (String(checked.type) !== 'bool') return refused(`gives ${String(checked.type)}, not bool`, 0);
    const { steps, position } = estimateCost(parsed.ast);
    if (steps > MAX_EXPRESSION_COST)
      return refused(`may take ${steps} steps on the largest request, more than ${MAX_EXPRESSION_COST}; let its loops run over shorter lists, or do less in them`, position);
    const constant = variablesOf(parsed.ast).size === 0;
    return { ok: true, expression: { text, needsNode: nodeNeed(parsed.ast), needsPod: [...membersOf(parsed.ast, 'pod')].some((member) => member !== 'labels'), constant, cost: steps, holds: (input) => parsed(contextOf(input)) === true } };
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
