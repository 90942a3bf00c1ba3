import { setTimeout as delay } from 'node:timers/promises';
import { isRetriable, reasonOf } from './broker-errors.ts';
import { KafkaUnavailableError } from './kafka-errors.ts';

export interface RetryOptions {
  /** Aborted: no further attempt; the signal's reason is thrown. */
  readonly until?: AbortSignal;
  /** Do not try again once this much time has passed. Default: for ever. */
  readonly giveUpAfterMs?: number;
  /** Called before each wait; the place to forget what may have become wrong, a leader or a coordinator. */
  readonly onRetry?: (error: unknown) => void;
}

/**
 * Repeats an operation while it fails with what may pass. Any other error is thrown as it is.
 *
 * @param what the subject of the message, as in "looking for the leader of topic[0]"
 * @throws {KafkaUnavailableError} when the time is up; the last failure is its cause
 */
export async function retrying<Result>(
  what: string,
  operation: () => Promise<Result>,
  { until, giveUpAfterMs = Infinity, onRetry }: RetryOptions = {},
): Promise<Result> {
  const startedMs = performance.now();
  for (let failures = 1; ; failures += 1) {
    until?.throwIfAborted();
    try {
      return await operation();
    } catch (error) {
      if (!isRetriable(error)) throw error;
      const waitMs = backoffMs(failures);
      const spentMs = performance.now() - startedMs;
      if (spentMs + waitMs > giveUpAfterMs) {
        const message = `${what}: gave up after ${Math.round(spentMs)} ms: ${reasonOf(error)}`;
        throw new KafkaUnavailableError(message, { cause: error });
      }
      onRetry?.(error);
      await pause(waitMs, until);
    }
  }
}

/** 50 ms, doubled with every failure up to 1 s, each time shortened by up to half: many clients do not come back at once. */
export function backoffMs(failures: number): number {
  return Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS) * (1 - Math.random() / 2);
}

const FIRST_MS = 50;
const LONGEST_MS = 1_000;

/** @throws the signal's reason, when it is aborted */
export async function pause(durationMs: number, until?: AbortSignal): Promise<void> {
  try {
    await delay(durationMs, undefined, until ? { signal: until } : {});
  } catch (error) {
    until?.throwIfAborted();
    throw error;
  }
}
