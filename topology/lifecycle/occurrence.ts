import type { IncidentEvent, Severity } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { WindowAggregate } from '../../schemas/generated/WindowAggregate.ts';
import type { CountedProblems } from './memory.ts';

/** What an incident is made of: a problem, a sample beyond its threshold, or a window that closed beyond it. */
export interface Occurrence {
  readonly time: number;
  /** The earliest event time that belongs to it, where an incident begins with it. */
  readonly firstTime: number;
  /** What it adds to the problem count of an incident that is going on. */
  readonly problems: number;
  /** The problem count of an incident that begins with it. */
  readonly problemsSoFar: number;
  readonly severity: Severity;
  readonly summary: string;
  /** What the id of an incident that begins with it is made from. */
  readonly opener: readonly string[];
  /** The problems of its window, which belong to the incident from now on. */
  readonly counted: CountedProblems;
}

/** `severity` and `summary` are the event's own unless the rule gives others. */
export function occurrenceOfEvent(
  event: IncidentEvent,
  aggregate: WindowAggregate,
  options: { readonly unsettled: number; readonly severity: Severity; readonly beginsWithWindow: boolean },
): Occurrence {
  const isProblem = event.kind === 'PROBLEM';
  const isWholeWindow = isProblem && options.beginsWithWindow && options.unsettled === aggregate.problems;
  return {
    time: event.time,
    firstTime: isWholeWindow ? aggregate.firstEventTime : event.time,
    problems: isProblem ? 1 : 0,
    problemsSoFar: isProblem ? (options.beginsWithWindow ? options.unsettled : 1) : 0,
    severity: options.severity,
    summary: event.summary,
    opener: [event.source, event.id],
    counted: { windowEnd: aggregate.windowEnd, problems: aggregate.problems },
  };
}

/** A closed window adds no problem: each was counted when it came. */
export function occurrenceOfWindow(
  aggregate: WindowAggregate,
  options: { readonly unsettled: number; readonly severity: Severity; readonly reason: string },
): Occurrence {
  return {
    time: aggregate.lastEventTime,
    firstTime: aggregate.firstEventTime,
    problems: 0,
    problemsSoFar: options.unsettled,
    severity: options.severity,
    summary: `${aggregate.service}/${aggregate.component}: ${options.reason}`,
    opener: ['window', String(aggregate.windowStart)],
    counted: { windowEnd: aggregate.windowEnd, problems: aggregate.problems },
  };
}

/** The incident with what happened added to its counts and times. */
export function withOccurrence(incident: IncidentState, occurrence: Occurrence): IncidentState {
  return {
    ...incident,
    problemCount: incident.problemCount + occurrence.problems,
    firstProblemAt: Math.min(incident.firstProblemAt, occurrence.time),
    lastProblemAt: Math.max(incident.lastProblemAt, occurrence.time),
  };
}

/** Which of two counts is the more recent: that of the later window, or of the same window later on. */
export function laterCount(current: CountedProblems | null, next: CountedProblems): CountedProblems {
  if (current === null || next.windowEnd > current.windowEnd) return next;
  return next.windowEnd === current.windowEnd && next.problems > current.problems ? next : current;
}
