import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5_000;

export interface TryOptions {
  readonly what: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Failures that trying again will not change. */
  readonly isFinal: (error: unknown) => boolean;
  /** Told why it has failed each time, for the readiness check. */
  readonly onFailure: (reason: string) => void;
}

/**
 * Tries until it succeeds, with growing pauses: a service that is down at the start is waited for.
 * @throws what failed finally, or the signal's reason once it has aborted.
 */
export async function keepTrying<T>(work: () => Promise<T>, options: TryOptions): Promise<T> {
  const { what, log, signal } = options;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
    signal.throwIfAborted();
    try {
      return await unlessAborted(work(), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (options.isFinal(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ what, reason, againInMs: delayMs }, 'failed, trying again');
      options.onFailure(reason);
    }
    await sleep(delayMs, undefined, { signal });
  }
}

/** Does not wait for the work any longer once the signal has aborted. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
