// Kubernetes resource quantities as exact whole numbers, rounded up as kube-scheduler does (apimachinery resource.Quantity).

const SUFFIX: Readonly<Record<string, readonly [base: bigint, exponent: number]>> = {
  n: [10n, -9], u: [10n, -6], m: [10n, -3], '': [10n, 0], k: [10n, 3], M: [10n, 6], G: [10n, 9], T: [10n, 12], P: [10n, 15], E: [10n, 18],
  Ki: [2n, 10], Mi: [2n, 20], Gi: [2n, 30], Ti: [2n, 40], Pi: [2n, 50], Ei: [2n, 60],
};
const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i))?$/;
/** A million gibibytes; a sum of a few thousand such is still exact. */
export const LARGEST_QUANTITY = 2 ** 50;

export class QuantityError extends Error {
  readonly code = 'InvalidQuantity';
  constructor(readonly value: string) {
    super(`"${value}" is not a resource quantity; or too large a one; write for example 500m, 2, 128Mi or 1Gi`);
  }
}

/** `text` × 10^scale as a whole number, rounded up: scale 3 gives millicores, 0 bytes. Throws QuantityError on malformed, negative or too large ones. */
export function parseQuantity(text: string | number, scale: 0 | 3): number {
  const value = String(text);
  const parts = QUANTITY.exec(value);
  const [, sign, whole = '', fraction = '', , exponentText, suffix = ''] = parts ?? [];
  if (!parts || sign === '-' || (whole === '' && fraction === '')) throw new QuantityError(value);
  const [base, exponent] = exponentText === undefined ? SUFFIX[suffix]! : ([10n, Number(exponentText)] as const);
  let numerator = BigInt(whole + fraction) * 10n ** BigInt(scale);
  let denominator = 10n ** BigInt(fraction.length);
  if (exponent >= 0) numerator *= base ** BigInt(exponent);
  else denominator *= base ** BigInt(-exponent);
  const result = (numerator + denominator - 1n) / denominator;
  if (result > BigInt(LARGEST_QUANTITY)) throw new QuantityError(value);
  return Number(result);
}
