/**
 * The rule that everybody tries first: a value is conspicuous above the mean of the series by more than three standard
 * deviations. It knows the whole series, its end included, which no live system does.
 */
export function trivialThreshold(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return mean + 3 * Math.sqrt(variance);
}
