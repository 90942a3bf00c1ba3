import { isRetriable } from './broker-errors.ts';
import { pause } from './retrying.ts';

export interface HeartbeatsOptions {
  readonly intervalMs: number;
  readonly beat: () => Promise<void>;
  /** An answer that does not say that all is well. Beating goes on only where this returns `continue`. */
  readonly onError: (error: unknown) => 'continue' | 'stop';
}

/** How soon a heartbeat that did not reach the coordinator is tried again. */
const RETRY_MS = 100;

/** Tells the coordinator at regular times that this member is alive. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  #running: AbortController | undefined;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  start(): void {
    this.stop();
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  async #run(until: AbortSignal): Promise<void> {
    const { intervalMs, beat, onError } = this.#options;
    for (let waitMs = intervalMs; await hasPassed(waitMs, until);) {
      waitMs = intervalMs;
      try {
        await beat();
      } catch (error) {
        if (until.aborted || onError(error) === 'stop') return;
        if (isRetriable(error)) waitMs = Math.min(intervalMs, RETRY_MS);
      }
    }
  }
}

async function hasPassed(durationMs: number, until: AbortSignal): Promise<boolean> {
  try {
    await pause(durationMs, until);
    return true;
  } catch {
    return false;
  }
}
