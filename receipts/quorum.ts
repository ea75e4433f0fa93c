// How many validators of n decide, and how many may be faulty (Saltini & Hyland-Wood, arXiv 1901.07160: the least safe quorum is ⌈2n/3⌉).

/** f = ⌊(n−1)/3⌋ */
export function faulty(validators: number): number {
  return Math.floor((validators - 1) / 3);
}

/** max(⌈2n/3⌉, ⌈n·percent/100⌉) distinct validators. */
export function quorum(validators: number, percent: number): number {
  return Math.max(Math.ceil((2 * validators) / 3), Math.ceil((validators * percent) / 100));
}
