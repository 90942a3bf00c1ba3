const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1000 },
] as const;

/** A duration for people, in the largest unit that it fills at least once: `1 h`, `90 min` as `1.5 h`, `250 ms`. */
export function formatDuration(durationMs: number): string {
  const unit = UNITS.find((candidate) => durationMs >= candidate.ms);
  return unit === undefined ? `${durationMs} ms` : `${formatNumber(durationMs / unit.ms)} ${unit.name}`;
}

/** A number for people: at most one digit behind the point, more only where it would read as 0. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = Math.abs(value) >= 0.05 ? 1 : 4;
  return String(Number(value.toFixed(digits)));
}
