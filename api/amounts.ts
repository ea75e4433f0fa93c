// Amounts of BPI: "0.001 BPI" in resources, whole µBPI (10⁻⁶ BPI) in every computation (design: money is integers).

const MICRO_PER_BPI = 1_000_000;
const AMOUNT = /^([0-9]{1,9})(?:\.([0-9]{1,6}))? BPI$/;

export class AmountError extends Error {
  readonly code = 'InvalidAmount';
  constructor(readonly text: string) {
    super(`"${text}" is not an amount: write whole BPI with at most six decimals, as "0.001 BPI"`);
    this.name = 'AmountError';
  }
}

/** µBPI; throws AmountError. */
export function parseAmount(text: string): number {
  const match = AMOUNT.exec(text);
  if (!match) throw new AmountError(text);
  return Number(match[1]) * MICRO_PER_BPI + Number((match[2] ?? '').padEnd(6, '0'));
}

/** The shortest text that parses to the same amount. */
export function formatAmount(microBpi: number): string {
  if (!Number.isSafeInteger(microBpi) || microBpi < 0) throw new AmountError(String(microBpi));
  const fraction = String(microBpi % MICRO_PER_BPI)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${Math.floor(microBpi / MICRO_PER_BPI)}${fraction && `.${fraction}`} BPI`;
}
