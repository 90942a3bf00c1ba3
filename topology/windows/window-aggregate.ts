import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import type { Correlation } from '../correlation.ts';
import { isWorse } from '../rules/severity.ts';

/** The span of one window, in milliseconds since the epoch: start inclusive, end exclusive. */
export interface WindowSpan {
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** A window's aggregate while it is being counted; nobody else holds it. */
export type RunningAggregate = { -readonly [Field in keyof WindowAggregate]: WindowAggregate[Field] };

/** The aggregate of a window that has not seen an event. Its event times are the empty interval of the window. */
export function emptyAggregate(correlation: Correlation, span: WindowSpan): RunningAggregate {
  return {
    correlationKey: correlation.key,
    service: correlation.service,
    component: correlation.component,
    windowStart: span.windowStart,
    windowEnd: span.windowEnd,
    count: 0,
    problems: 0,
    samples: 0,
    recoveries: 0,
    valueSum: 0,
    valueMin: null,
    valueMax: null,
    highestSeverity: null,
    firstEventTime: span.windowEnd,
    lastEventTime: span.windowStart,
  };
}

/**
 * Counts one event. It **changes `aggregate` in place and returns it**: this runs once an event, so hand it an
 * aggregate that nobody else holds (freshly read from a store, or made by `emptyAggregate`).
 */
export function addToAggregate(aggregate: RunningAggregate, event: IncidentEvent): RunningAggregate {
  aggregate.count += 1;
  if (event.time < aggregate.firstEventTime) aggregate.firstEventTime = event.time;
  if (event.time > aggregate.lastEventTime) aggregate.lastEventTime = event.time;
  switch (event.kind) {
    case 'PROBLEM':
      aggregate.problems += 1;
      if (aggregate.highestSeverity === null || isWorse(event.severity, aggregate.highestSeverity)) {
        aggregate.highestSeverity = event.severity;
      }
      break;
    case 'SAMPLE':
      aggregate.samples += 1;
      if (event.value !== null) addValue(aggregate, event.value);
      break;
    case 'RECOVERY':
      aggregate.recoveries += 1;
      break;
  }
  return aggregate;
}

function addValue(aggregate: RunningAggregate, value: number): void {
  aggregate.valueSum += value;
  if (aggregate.valueMin === null || value < aggregate.valueMin) aggregate.valueMin = value;
  if (aggregate.valueMax === null || value > aggregate.valueMax) aggregate.valueMax = value;
}
