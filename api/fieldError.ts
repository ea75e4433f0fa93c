// One thing that is wrong with an object: where, what was found, why it is wrong and what would be right.

export interface FieldError {
  /** JSON path as the API server writes it, as spec.rules[0].name. */
  path: string;
  value: unknown;
  message: string;
  cure: string;
}

const MAX_VALUE = 80;

/** The value for a message, cut to a readable length. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}

export function formatFieldErrors(errors: readonly FieldError[]): string {
  return errors.map(({ path, value, message, cure }) => `${path}: ${showValue(value)} ${message}: ${cure}`).join('; ');
}
