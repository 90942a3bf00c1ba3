import { AlertPositionError } from './errors.ts';

/**
 * A position over all partitions as a string: the next offset to read in each, joined by dots, partition 0 first.
 * `0.0.0.0` is the beginning of a topic with four partitions.
 */
export function encodeAlertPosition(nextOffsets: readonly number[]): string {
  return nextOffsets.join('.');
}

/** @throws {AlertPositionError} when it is not a position over that many partitions. */
export function decodeAlertPosition(position: string, partitions: number): number[] {
  const parts = position.split('.');
  const offsets = parts.map(Number);
  if (parts.length === partitions && parts.every(isDigits) && offsets.every(Number.isSafeInteger))
    return offsets;
  throw new AlertPositionError(
    `The position must be ${partitions} offsets joined by dots, such as ${encodeAlertPosition(Array<number>(partitions).fill(0))} for the beginning.`,
  );
}

function isDigits(part: string): boolean {
  return /^\d+$/.test(part);
}
