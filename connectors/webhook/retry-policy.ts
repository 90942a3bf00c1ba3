import type { PostResult } from './post.ts';

/** The most that a target may ask for by `Retry-After`. */
const MAX_RETRY_AFTER_MS = 300_000;

export type Verdict =
  | { readonly type: 'accepted' }
  | { readonly type: 'again'; readonly reason: string; readonly notBeforeMs: number }
  | { readonly type: 'refused'; readonly reason: string; readonly gone: boolean };

/**
 * What follows from an answer, or from none. Sent again is what may pass by itself: no answer, 408, 425, 429, 5xx.
 * @param nowMs for a `Retry-After` that names a point in time
 */
export function judge(result: PostResult, nowMs: number): Verdict {
  const { status } = result;
  if (status === undefined) return { type: 'again', reason: result.reason, notBeforeMs: 0 };
  if (status >= 200 && status < 300) return { type: 'accepted' };
  const reason = `it answered ${status}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return { type: 'again', reason, notBeforeMs: retryAfterMs(result.retryAfter, nowMs) };
  if (status >= 300 && status < 400)
    return { type: 'refused', reason: `${reason}: redirects are not followed`, gone: false };
  return { type: 'refused', reason, gone: status === 410 };
}

/** Seconds or a date (RFC 9110, 10.2.3), within bounds; 0 where it says nothing that can be used. */
function retryAfterMs(value: string | undefined, nowMs: number): number {
  if (value === undefined) return 0;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** How long to wait after so many attempts: exponential, with full jitter, so that targets are not all asked at once. */
export function backoffMs(attempts: number, { firstMs, maxMs }: Backoff): number {
  return Math.random() * Math.min(firstMs * 2 ** (attempts - 1), maxMs);
}
