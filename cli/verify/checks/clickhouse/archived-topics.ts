import type { LogRecord } from '@incident-streams/streams';
import type { Serdes } from '../../../../schemas/serdes.ts';
import { SINKS, TOPICS } from '../../../../topology/topics.ts';
import { decoded, isUnreadable } from '../../comparing/decoded.ts';
import type { Unreadable } from '../../comparing/decoded.ts';

/** A row as it should be, by the columns that are compared. Times are in milliseconds since the epoch. */
export type ExpectedRow = Readonly<Record<string, unknown>>;

/** `time`: milliseconds since the epoch. `bytes`: hexadecimal digits, as are the values of a `bytesMap`. */
export type ColumnKind = 'time' | 'bytes' | 'bytesMap';

/** A table that has a row for each record of a topic. */
export interface ArchivedTopic {
  readonly table: string;
  readonly topic: string;
  /** The sink that fills it. */
  readonly connector: string;
  /** How columns are read that are not compared as they are. */
  readonly kinds: Readonly<Record<string, ColumnKind>>;
  /** The row that follows from a record; null where it has none. */
  readonly rowOf: (record: LogRecord, serdes: Serdes) => ExpectedRow | Unreadable | null;
}

export const ARCHIVED_TOPICS: readonly ArchivedTopic[] = [
  {
    table: 'transition_log',
    topic: TOPICS.transitions,
    connector: SINKS.transitionHistory,
    kinds: times(
      'at',
      'first_problem_at',
      'last_problem_at',
      'opened_at',
      'acknowledged_at',
      'recovered_at',
      'resolved_at',
      'closed_at',
      'updated_at',
    ),
    rowOf: transitionRow,
  },
  {
    table: 'window_log',
    topic: TOPICS.windows,
    connector: SINKS.windowHistory,
    kinds: times('window_start', 'window_end', 'first_event_time', 'last_event_time'),
    rowOf: windowRow,
  },
  {
    table: 'event_log',
    topic: TOPICS.verdicts,
    connector: SINKS.eventHistory,
    kinds: times('received_at', 'time'),
    rowOf: eventRow,
  },
  {
    table: 'dead_letter_log',
    topic: TOPICS.deadLetters,
    connector: SINKS.deadLetterHistory,
    kinds: { ...times('at'), key: 'bytes', value: 'bytes', headers: 'bytesMap' },
    rowOf: deadLetterRow,
  },
];

function times(...names: readonly string[]): Readonly<Record<string, ColumnKind>> {
  return Object.fromEntries(names.map((name) => [name, 'time']));
}

function transitionRow(record: LogRecord, serdes: Serdes): ExpectedRow | Unreadable | null {
  const value = decoded(record, serdes.incidentTransition);
  if (value === null || isUnreadable(value)) return value;
  const { state, cause } = value;
  return {
    incident_id: value.incidentId,
    correlation_key: value.correlationKey,
    version: value.version,
    type: value.type,
    from_status: value.from,
    to_status: value.to,
    at: value.at,
    reason: value.reason,
    rule_id: value.ruleId,
    rule_version: value.ruleVersion,
    actor: value.actor,
    comment: value.comment,
    cause_topic: cause.topic,
    cause_partition: cause.partition,
    cause_offset: cause.offset,
    cause_event_source: cause.eventSource,
    cause_event_id: cause.eventId,
    service: state.service,
    component: state.component,
    fingerprint: state.fingerprint,
    severity: state.severity,
    summary: state.summary,
    first_problem_at: state.firstProblemAt,
    last_problem_at: state.lastProblemAt,
    opened_at: state.openedAt,
    acknowledged_at: state.acknowledgedAt,
    acknowledged_by: state.acknowledgedBy,
    recovered_at: state.recoveredAt,
    resolved_at: state.resolvedAt,
    closed_at: state.closedAt,
    problem_count: state.problemCount,
    reopen_count: state.reopenCount,
    updated_at: state.updatedAt,
  };
}

function windowRow(record: LogRecord, serdes: Serdes): ExpectedRow | Unreadable | null {
  const value = decoded(record, serdes.windowAggregate);
  if (value === null || isUnreadable(value)) return value;
  return {
    correlation_key: value.correlationKey,
    service: value.service,
    component: value.component,
    window_start: value.windowStart,
    window_end: value.windowEnd,
    count: value.count,
    problems: value.problems,
    samples: value.samples,
    recoveries: value.recoveries,
    value_sum: value.valueSum,
    value_min: value.valueMin,
    value_max: value.valueMax,
    highest_severity: value.highestSeverity,
    first_event_time: value.firstEventTime,
    last_event_time: value.lastEventTime,
  };
}

function eventRow(record: LogRecord, serdes: Serdes): ExpectedRow | Unreadable | null {
  const value = decoded(record, serdes.eventVerdict);
  if (value === null || isUnreadable(value)) return value;
  const { event } = value;
  return {
    outcome: value.outcome.toLowerCase(),
    reason: value.reason,
    received_at: value.receivedAt,
    inbox_partition: value.inboxPartition,
    inbox_offset: value.inboxOffset,
    event_source: event.source,
    event_id: event.id,
    type: event.type,
    time: event.time,
    service: event.service,
    component: event.component,
    fingerprint: event.fingerprint,
    kind: event.kind,
    severity: event.severity,
    summary: event.summary,
    value: event.value,
    attributes: event.attributes,
  };
}

function deadLetterRow({ timestamp, key, value, headers }: LogRecord): ExpectedRow {
  const last = new Map(headers.map((header) => [header.name, header.value]));
  const text = (name: string): string | null => {
    const bytes = last.get(`__streams.errors.${name}`);
    return bytes === undefined ? null : Buffer.from(bytes).toString('utf8');
  };
  return {
    source_topic: text('topic'),
    source_partition: text('partition'),
    source_offset: text('offset'),
    code: text('exception'),
    message: text('message'),
    at: timestamp,
    key: hex(key),
    value: hex(value),
    headers: Object.fromEntries(Array.from(last, ([name, bytes]) => [name, hex(bytes)])),
  };
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
}
