// Finds the rules that could match a request without looking at the others: each rule stands under facts of which it needs at least one.
import type { LabelSelector } from '../api/index.js';

/** `any`: the request must have one of these keys for the rule to match; null when the rule can match without any. */
export interface Indexed<Rule> {
  rule: Rule;
  any: readonly string[] | null;
}

/** Keys of labels: `pod:app=web` for what must have that value, `pod:app` for what must be there. */
export function labelKeys(prefix: string, labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flatMap(([name, value]) => [`${prefix}:${name}`, `${prefix}:${name}=${value}`]);
}

/** One requirement of the selector that only labels which are there can meet; null when it has none. */
export function selectorKeys(prefix: string, selector: LabelSelector | undefined): string[] | null {
  const [label] = Object.entries(selector?.matchLabels ?? {});
  if (label) return [`${prefix}:${label[0]}=${label[1]}`];
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    if (operator === 'In') return values.map((value) => `${prefix}:${key}=${value}`);
    if (operator === 'Exists') return [`${prefix}:${key}`];
  }
  return null;
}

/** The first that a rule needs, most telling first. */
export function firstNeed(...needs: readonly (string[] | null)[]): string[] | null {
  return needs.find((need) => need !== null) ?? null;
}

interface Entry<Rule> {
  rule: Rule;
  position: number;
}

export class RuleIndex<Rule> {
  readonly #always: Entry<Rule>[] = [];
  readonly #byKey = new Map<string, Entry<Rule>[]>();

  /** `rules` in their order of evaluation. */
  constructor(rules: readonly Indexed<Rule>[]) {
    rules.forEach(({ rule, any }, position) => {
      const entry = { rule, position };
      if (any === null) this.#always.push(entry);
      for (const key of new Set(any ?? [])) {
        const under = this.#byKey.get(key);
        if (under) under.push(entry);
        else this.#byKey.set(key, [entry]);
      }
    });
  }

  /** Rules that could match a request with these keys, in their order; asked for keys only where some rule needs one. */
  candidates(keys: () => readonly string[]): readonly Rule[] {
    if (this.#byKey.size === 0) return this.#always.map(({ rule }) => rule);
    const found = new Set(this.#always);
    for (const key of keys()) for (const entry of this.#byKey.get(key) ?? []) found.add(entry);
    return [...found].sort((a, b) => a.position - b.position).map(({ rule }) => rule);
  }
}
