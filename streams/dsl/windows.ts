import { TopologyError } from '../errors.ts';
import type { TumblingWindows } from '../processors/windowed.ts';

/**
 * Windows of one size that follow one another, aligned to the epoch; `graceMs` after its end a window closes.
 * @throws {TopologyError} when a length is not a whole number of milliseconds, or the size is not positive.
 */
export function tumblingWindows(options: { sizeMs: number; graceMs: number }): TumblingWindows {
  const { sizeMs, graceMs } = options;
  if (!Number.isSafeInteger(sizeMs) || sizeMs <= 0)
    throw new TopologyError(`a window's sizeMs must be a positive whole number, not ${sizeMs}`);
  if (!Number.isSafeInteger(graceMs) || graceMs < 0)
    throw new TopologyError(`a window's graceMs must be a whole number from 0 on, not ${graceMs}`);
  return { sizeMs, graceMs };
}
