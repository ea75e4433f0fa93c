// Which policies, rules and agreements of others a refusal names. Pure.
import type { PolicySet } from '../../../policy/types.js';
import { namedIn } from './adapted.js';

const WORD = /[A-Za-z0-9][A-Za-z0-9.-]*/g;

/** Names of members of the set that are not of the story in `namespace`, in order. */
export function foreignMembers(refusal: string, { policies, rules, agreements }: Pick<PolicySet, 'policies' | 'rules' | 'agreements'>, namespace: string): string[] {
  const named = new Set(refusal.match(WORD));
  const own = namedIn(namespace, '');
  return [...policies, ...rules, ...agreements].map(({ name }) => name).filter((name) => named.has(name) && !name.startsWith(own)).toSorted();
}
