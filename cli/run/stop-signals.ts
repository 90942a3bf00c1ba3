import type { Log } from './log.ts';

/** How long a graceful stop may take before the process is ended all the same. */
const MAX_STOP_MS = 9_500;

export interface StopSignals {
  /** Aborts at the first SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  /** Stops for a reason of its own, as a signal would. */
  readonly stop: () => void;
  readonly end: () => void;
}

/** The first SIGTERM or SIGINT asks for a graceful stop; a second one, or one that takes too long, ends at once with 1. */
export function listenForStop(log: Log): StopSignals {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (controller.signal.aborted) return;
    timer = setTimeout(() => {
      log.fatal({ afterMs: MAX_STOP_MS }, 'the stop takes too long: ending at once');
      process.exit(1);
    }, MAX_STOP_MS).unref();
    controller.abort();
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      log.warn({ signal: name }, 'a second signal: ending at once');
      process.exit(1);
    }
    log.info({ signal: name }, 'stopping');
    stop();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return {
    signal: controller.signal,
    stop,
    end: () => {
      clearTimeout(timer);
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    },
  };
}
