/** The smallest value that at least `p` percent of the values do not exceed. NaN for no values. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Cut to a number of decimals that a reader can use. */
export function rounded(value: number, decimals = 0): number {
  return Number(value.toFixed(decimals));
}
