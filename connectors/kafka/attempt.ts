import { pause } from './retrying.ts';

/** Resolves with the end of an operation whose success does not matter, or when the time is over. Never rejects. */
export async function attempt(limitMs: number, operation: () => Promise<void>): Promise<void> {
  const limit = new AbortController();
  const limited = pause(limitMs, limit.signal).catch(() => undefined);
  await Promise.race([operation().catch(() => undefined), limited]);
  limit.abort();
}
