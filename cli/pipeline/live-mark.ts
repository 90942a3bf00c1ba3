import type { Pipeline } from './pipeline.ts';

const PRODUCER = 'live';

/** Stored in one transaction with events from today, so that a later start knows that it is today. */
export function liveMark(timeMs: number): { readonly producer: string; readonly value: number } {
  return { producer: PRODUCER, value: timeMs };
}

/** Has the pipeline ever taken an event from today? Old data is not replayed into it any more. */
export function isLive({ runtime }: Pipeline): boolean {
  return runtime.producerPosition(PRODUCER) !== undefined;
}
