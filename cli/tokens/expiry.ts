import { UsageError } from '../errors.ts';

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/**
 * When a token stops counting, in ISO 8601: `90d` and `12h` from now on, or a moment of its own.
 * @throws {UsageError}
 */
export function expiryOf(text: string, nowMs: number): string {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const ms =
    count === undefined ? momentOf(text) : nowMs + Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (Number.isNaN(ms))
    throw new UsageError(`--expires ${text}: expected 90d, 12h, or a moment such as 2030-01-31`);
  if (ms <= nowMs) throw new UsageError(`--expires ${text}: that is past`);
  return new Date(ms).toISOString();
}

function momentOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
}
