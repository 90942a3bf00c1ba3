/** Ctrl-C reaches a program that npm has started twice at once: from the terminal and from npm. */
const SAME_WISH_MS = 1_000;

/**
 * Aborts at the first Ctrl-C or SIGTERM. One that comes a while later ends this process at once; what it has started
 * ends after it.
 */
export function onInterruption(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const wish = (): void => {
    if (controller.signal.aborted && Date.now() - firstAt > SAME_WISH_MS) process.exit(130);
    if (controller.signal.aborted) return;
    firstAt = Date.now();
    controller.abort();
  };
  process.on('SIGINT', wish);
  process.on('SIGTERM', wish);
  return controller.signal;
}
