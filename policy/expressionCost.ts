// An upper bound of what an expression can cost on the largest facts the ledger records, told from its syntax tree before it is ever evaluated.
import type { ASTNode } from '@marcbachmann/cel-js';
import { BOUNDS, type Bound } from './expressionVariables.js';

/** Steps of one expression; a step takes well under a microsecond. */
export const MAX_EXPRESSION_COST = 200_000;
/** Steps of all the expressions of one policy together. */
export const MAX_POLICY_COST = 600_000;

export interface CostEstimate {
  steps: number;
  /** The dearest loop's offset in the text; null when there is none. */
  position: number | null;
}
interface Estimated {
  steps: number;
  bound: Bound;
}
type Scope = Readonly<Record<string, Bound>>;

const ONE: Bound = { length: 1 };
/** Characters that one step compares or copies. */
const TEXT_PER_STEP = 16;
const LOOPS: readonly string[] = ['all', 'exists', 'exists_one', 'map', 'filter'];
const JOINS: readonly string[] = ['join', 'split'];
const KEEPS_LENGTH: readonly string[] = ['substring', 'lowerAscii', 'upperAscii', 'trim'];
const SCANS: readonly string[] = ['startsWith', 'endsWith', 'contains', 'indexOf', 'lastIndexOf', 'size', 'has', 'int', 'bool'];
const LONGEST_NUMBER = 20;

const larger = (a: Bound, b: Bound): Bound => (a.length * (a.item?.length ?? 1) >= b.length * (b.item?.length ?? 1) ? a : b);
/** Reading a list is reading what is in it. */
const extent = ({ length, item }: Bound): number => length * (item ? Math.max(1, item.length) : 1);
const scan = (bound: Bound): number => (bound.item ? bound.length : 0) + Math.ceil(extent(bound) / TEXT_PER_STEP);

class Estimator {
  dearest: { steps: number; position: number } | undefined;

  of(node: ASTNode, scope: Scope): Estimated {
    switch (node.op) {
      case 'value':
        return { steps: 1, bound: { length: typeof node.args === 'string' ? node.args.length : 1 } };
      case 'id':
        return { steps: 1, bound: scope[node.args] ?? BOUNDS[node.args] ?? ONE };
      case '.':
      case '.?':
        return this.#member(node.args[0], node.args[1], scope);
      case 'list':
        return this.#list(node.args, scope);
      case '?:':
        return this.#choice(node.args, scope);
      case 'call':
        return this.#call(node.args[0], undefined, node.args[1], scope, node.start);
      case 'rcall':
        return this.#call(node.args[0], node.args[1], node.args[2], scope, node.start);
      case '!_':
      case '-_':
        return { steps: this.of(node.args, scope).steps + 1, bound: ONE };
      case 'map':
        return this.#sum(node.args.flat(), scope);
      default:
        return this.#binary(node.op, node.args, scope);
    }
  }

  #sum(nodes: readonly ASTNode[], scope: Scope): Estimated {
    const parts = nodes.map((part) => this.of(part, scope));
    return { steps: 1 + parts.reduce((sum, { steps }) => sum + steps, 0), bound: parts.reduce((bound, part) => larger(bound, part.bound), ONE) };
  }

  #member(of: ASTNode, name: string, scope: Scope): Estimated {
    const { steps, bound } = this.of(of, scope);
    return { steps: steps + 1, bound: bound.fields?.[name] ?? bound.item ?? ONE };
  }

  #list(items: readonly ASTNode[], scope: Scope): Estimated {
    const { steps, bound } = this.#sum(items, scope);
    return { steps, bound: { length: items.length, item: bound } };
  }

  #choice([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode], scope: Scope): Estimated {
    const [a, b] = [this.of(yes, scope), this.of(no, scope)];
    return { steps: 1 + this.of(condition, scope).steps + Math.max(a.steps, b.steps), bound: larger(a.bound, b.bound) };
  }

  #binary(op: string, [left, right]: readonly [ASTNode, ASTNode], scope: Scope): Estimated {
    const [a, b] = [this.of(left, scope), this.of(right, scope)];
    const steps = 1 + a.steps + b.steps;
    switch (op) {
      case '+':
        return { steps: steps + scan(a.bound) + scan(b.bound), bound: { length: a.bound.length + b.bound.length, ...(a.bound.item ? { item: larger(a.bound.item, b.bound.item ?? ONE) } : {}) } };
      case '[]':
      case '[?]':
        return { steps, bound: a.bound.item ?? ONE };
      case 'in':
        return { steps: steps + scan(b.bound), bound: ONE };
      case '==':
      case '!=':
        return { steps: steps + Math.min(scan(a.bound), scan(b.bound)), bound: ONE };
      default:
        return { steps, bound: ONE };
    }
  }

  #call(name: string, receiver: ASTNode | undefined, given: readonly ASTNode[], scope: Scope, position: number): Estimated {
    if (receiver && LOOPS.includes(name)) return this.#loop(name, receiver, given, scope, position);
    const on = receiver ? this.of(receiver, scope) : { steps: 0, bound: ONE };
    const parts = given.map((part) => this.of(part, scope));
    const before = 1 + on.steps + parts.reduce((sum, { steps }) => sum + steps, 0);
    const subject = receiver ? on.bound : (parts[0]?.bound ?? ONE);
    if (KEEPS_LENGTH.includes(name)) return { steps: before + scan(subject), bound: subject };
    if (name === 'string') return { steps: before + scan(subject), bound: { length: Math.max(LONGEST_NUMBER, subject.length) } };
    if (JOINS.includes(name)) {
      const separators = subject.length * (parts[0]?.bound.length ?? 0);
      const length = extent(subject) + separators;
      return { steps: before + subject.length + Math.ceil(length / TEXT_PER_STEP), bound: name === 'join' ? { length } : { length: subject.length + 1, item: { length: subject.length } } };
    }
    const read = SCANS.includes(name) ? Math.ceil(subject.length / TEXT_PER_STEP) : scan(subject);
    return { steps: before + read, bound: ONE };
  }

  /** The body runs once for each item of the list, or key of the map. */
  #loop(name: string, receiver: ASTNode, given: readonly ASTNode[], scope: Scope, position: number): Estimated {
    const over = this.of(receiver, scope);
    const variable = given[0]?.op === 'id' ? given[0].args : '';
    const inner: Scope = { ...scope, [variable]: over.bound.item ?? ONE };
    const bodies = given.slice(1).map((body) => this.of(body, inner));
    const each = 1 + bodies.reduce((sum, { steps }) => sum + steps, 0);
    const steps = over.steps + over.bound.length * each;
    if (!this.dearest || steps > this.dearest.steps) this.dearest = { steps, position };
    if (name === 'map') return { steps, bound: { length: over.bound.length, item: bodies.at(-1)?.bound ?? ONE } };
    return { steps, bound: name === 'filter' ? over.bound : ONE };
  }
}

export function estimateCost(tree: ASTNode): CostEstimate {
  const estimator = new Estimator();
  const { steps } = estimator.of(tree, {});
  return { steps, position: estimator.dearest?.position ?? null };
}
