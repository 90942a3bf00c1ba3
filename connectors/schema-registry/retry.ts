import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;

export interface RetryOptions {
  /** Hears why, before each further attempt. */
  readonly onRetry: (reason: string) => void;
  readonly shouldRetry: (error: unknown) => boolean;
  /** Ends the waiting between attempts: the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Tries for ever, waiting longer each time, up to 5 s, and not in step with others that wait for the same. */
export async function retryForever<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
    options.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!options.shouldRetry(error)) throw error;
      options.onRetry(error instanceof Error ? error.message : String(error));
    }
    await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal: options.signal });
  }
}
