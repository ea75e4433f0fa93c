// Finds list members that repeat a key which must be unique.
import type { FieldError } from '../fieldError.js';

export function duplicateErrors<Item>(path: string, items: readonly Item[], member: keyof Item & string, cure: string): FieldError[] {
  const seen = new Set<unknown>();
  return items.flatMap((item, index) => {
    const value = item[member];
    const repeated = seen.has(value);
    seen.add(value);
    return repeated ? [{ path: `${path}[${index}].${member}`, value, message: 'is there twice', cure }] : [];
  });
}
