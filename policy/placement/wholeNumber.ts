// 64-bit whole numbers written as text, the only values that Gt and Lt compare in Kubernetes.

const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 63n - 1n;

/** undefined when the text is none. */
function wholeNumber(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value < SMALLEST || value > LARGEST ? undefined : value;
}

/** false when either text is no whole number. */
export function compareWhole(operator: 'Gt' | 'Lt', value: string | undefined, than: string | undefined): boolean {
  const [a, b] = [wholeNumber(value), wholeNumber(than)];
  if (a === undefined || b === undefined) return false;
  return operator === 'Gt' ? a > b : a < b;
}
