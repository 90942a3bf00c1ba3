import { vi } from 'vitest';

/** Waits until the assertions hold; patient, for machines that have much else to do. */
export function eventually(assertions: () => void): Promise<void> {
  return vi.waitFor(assertions, { timeout: 50_000, interval: 5 });
}
