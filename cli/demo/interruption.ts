/** A wish to end, and how to stop listening for it. */
export interface Interruption {
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/** Turns the first Ctrl-C or SIGTERM into a graceful end; a second one ends at once. */
export function onInterruption(): Interruption {
  const controller = new AbortController();
  const abort = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', abort);
      process.off('SIGTERM', abort);
    },
  };
}
