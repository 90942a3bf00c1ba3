import { NO_HEADERS } from '@incident-streams/streams';
import type { OutgoingRecord, Serde } from '@incident-streams/streams';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';

/** The load that every throughput bench of the project runs on. */
export const LOAD = { events: 1_000_000, duplicateEvery: 20, keys: 5_000, spanMs: 600_000 } as const;

const START_MS = Date.UTC(2026, 0, 1);
const CHUNK = 5_000;

/** The events in chunks, encoded: every 20th is a copy of an event that came up to 1,000 before it. */
export function* loadChunks(topic: string, serde: Serde<IncidentEvent>): Iterable<OutgoingRecord[]> {
  const encoder = new TextEncoder();
  const keys = Array.from({ length: LOAD.keys }, (_, i) =>
    encoder.encode(`service-${i % 50}/component-${i}`),
  );
  for (let from = 0; from < LOAD.events; from += CHUNK) {
    yield Array.from({ length: CHUNK }, (_, i) => {
      const index = from + i;
      const copy = index % LOAD.duplicateEvery === LOAD.duplicateEvery - 1;
      const original = copy ? Math.max(0, index - 1 - ((index * 7919) % 999)) : index;
      const source = original % LOAD.duplicateEvery === LOAD.duplicateEvery - 1 ? original - 1 : original;
      const event = eventAt(source);
      return {
        topic,
        timestamp: event.time,
        key: keys[source % LOAD.keys] ?? null,
        value: serde.serialize(event),
        headers: NO_HEADERS,
      };
    });
  }
}

function eventAt(index: number): IncidentEvent {
  const key = index % LOAD.keys;
  return {
    id: `event-${index}`,
    source: 'bench',
    type: 'incident.problem',
    time: START_MS + Math.floor((index * LOAD.spanMs) / LOAD.events),
    service: `service-${key % 50}`,
    component: `component-${key}`,
    fingerprint: null,
    kind: 'PROBLEM',
    severity: 'MINOR',
    summary: 'requests fail with status 503 since the last deployment',
    value: null,
    attributes: { region: 'eu-central-1' },
  };
}
