import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';

/**
 * The events of one upstream, in the order of their times, built only when asked for: half a million of them would
 * not be lean. An event depends on its position alone, so it is the same however often it is built.
 */
export interface EventSeries {
  readonly name: string;
  readonly size: number;
  /**
   * Whether single events may be held back until they are late. Not so where each one carries a change of its own:
   * a lost resolution would say nothing about the pipeline.
   */
  readonly mayBeLate: boolean;
  /** Event time in milliseconds since the epoch, never falling as `position` rises. */
  timeAt(position: number): number;
  eventAt(position: number): IncidentEvent;
}
