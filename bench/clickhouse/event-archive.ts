import { createEventsSink } from '../../connectors/clickhouse/index.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { EventVerdict } from '../../schemas/generated/EventVerdict.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import type { Archive } from './archive-load.ts';

const START = 1_700_000_000_000;

/** Measurements that were applied, and a duplicate now and then. */
export const EVENTS: Archive<EventVerdict> = {
  topic: 'incident.verdicts',
  table: 'event_log',
  view: 'events',
  serde: createSerdes(new EmbeddedRegistry()).eventVerdict,
  makeSink: createEventsSink,
  makeValue: makeVerdict,
  rowOf: verdictRow,
};

function makeVerdict(index: number): EventVerdict {
  const isDuplicate = index % 20 === 0;
  const service = `service-${index % 50}`;
  return {
    outcome: isDuplicate ? 'DUPLICATE' : 'APPLIED',
    reason: isDuplicate ? 'an event of this source and id was seen before' : null,
    receivedAt: START + index * 250 + 40,
    inboxPartition: index % 4,
    inboxOffset: index,
    event: {
      id: `event-${index}`,
      source: `probe-${index % 50}`,
      type: 'http.error-rate',
      time: START + index * 250,
      service,
      component: `component-${index % 400}`,
      fingerprint: null,
      kind: 'SAMPLE',
      severity: 'MAJOR',
      summary: `Error rate of ${service} above its threshold since ${START + index}`,
      value: index / 7,
      attributes: { region: `region-${index % 5}`, host: `host-${index % 300}` },
    },
  };
}

function verdictRow({ event, ...verdict }: EventVerdict): Record<string, unknown> {
  return {
    outcome: verdict.outcome.toLowerCase(),
    reason: verdict.reason,
    received_at: verdict.receivedAt,
    inbox_partition: verdict.inboxPartition,
    inbox_offset: verdict.inboxOffset,
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
