// A node is its operator's: nobody else changes it or speaks for it.
import type { NodeRecord } from '../../types.js';
import { Refusal } from '../ledgerError.js';

/** Throws Refusal 'NotOwner'. */
export function mustOwn({ name, operator }: NodeRecord, sender: string): void {
  if (operator !== sender) throw new Refusal('NotOwner', `node ${name} was committed by account ${operator}; only that account can change it`);
}
