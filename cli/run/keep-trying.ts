import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaUnavailableError } from '../../connectors/kafka/index.ts';
import type { ProcessBase } from './process-parts.ts';

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5_000;
/** One attempt may take minutes: meanwhile it is said that it is waited for. */
const REMIND_MS = 5_000;

/**
 * Does something with Kafka as soon as brokers can be reached: until then the part of this name is `starting`, with
 * the reason.
 * @throws what trying again will not change, or the signal's reason once it has aborted
 */
export async function tryKafka<T>(
  what: string,
  { log, parts, signal, config }: Pick<ProcessBase, 'log' | 'parts' | 'signal' | 'config'>,
  part: string,
  work: () => Promise<T>,
): Promise<T> {
  const brokers = config.kafka.brokers.join(', ');
  const waiting = (reason: string): void => {
    log.warn({ what, reason }, 'waiting for Kafka');
    parts.set(part, 'starting', `${what}: ${reason}`);
  };
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, MAX_DELAY_MS)) {
    signal.throwIfAborted();
    parts.set(part, 'starting', `${what}: waiting for an answer from ${brokers}`);
    const reminder = setInterval(() => waiting(`no answer from ${brokers} yet`), REMIND_MS);
    try {
      const done = await unlessAborted(work(), signal);
      parts.set(part, 'ready');
      return done;
    } catch (error) {
      if (signal.aborted || !(error instanceof KafkaUnavailableError)) throw error;
      waiting(error.message);
    } finally {
      clearInterval(reminder);
    }
    await sleep(delayMs, undefined, { signal });
  }
}

/** Does not wait for the work any longer once the signal has aborted. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
