import { vi } from 'vitest';

/** Until it holds: everything that was sent has to come through, on a machine that may have much else to do. */
export function patiently<T>(assertions: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertions, { timeout: 300_000, interval: 500 });
}
