import { NO_HEADERS } from '@incident-streams/streams';
import type { OutgoingRecord, Serde } from '@incident-streams/streams';
import type { IncidentEvent } from '../schemas/generated/IncidentEvent.ts';

export interface Load {
  readonly events: number;
  /** Every how many events one is a copy of an event that came up to 1,000 before it. */
  readonly duplicateEvery: number;
  readonly keys: number;
  /** The event time of the first event. */
  readonly startMs: number;
  /** The event time between the first event and the last. */
  readonly spanMs: number;
}

/** The load that every throughput bench of the project runs on. */
export const LOAD: Load = {
  events: 1_000_000,
  duplicateEvery: 20,
  keys: 5_000,
  startMs: Date.UTC(2026, 0, 1),
  spanMs: 600_000,
};

const CHUNK = 5_000;

/** The events in chunks, encoded. The same load is the same bytes. */
export function* loadChunks(
  topic: string,
  serde: Serde<IncidentEvent>,
  load: Load = LOAD,
): Iterable<OutgoingRecord[]> {
  const encoder = new TextEncoder();
  const keys = Array.from({ length: load.keys }, (_, i) => encoder.encode(keyAt(i, load)));
  for (let from = 0; from < load.events; from += CHUNK) {
    yield Array.from({ length: Math.min(CHUNK, load.events - from) }, (_, i) => {
      const source = sourceOf(from + i, load);
      const event = eventAt(source, load);
      return {
        topic,
        timestamp: event.time,
        key: keys[source % load.keys] ?? null,
        value: serde.serialize(event),
        headers: NO_HEADERS,
      };
    });
  }
}

/** The place of the event that lies at `index`: itself, or an earlier one that it is a copy of. */
export function sourceOf(index: number, load: Load): number {
  if (!isCopy(index, load)) return index;
  const original = Math.max(0, index - 1 - ((index * 7919) % 999));
  return isCopy(original, load) ? original - 1 : original;
}

export function keyAt(index: number, load: Load): string {
  const key = index % load.keys;
  return `service-${key % 50}/component-${key}`;
}

export function timeAt(index: number, load: Load): number {
  return load.startMs + Math.floor((index * load.spanMs) / load.events);
}

/** A multiple of a half, so that sums are exact in whatever order they are made. */
export function valueAt(index: number): number {
  return (index % 97) / 2;
}

function isCopy(index: number, load: Load): boolean {
  return index % load.duplicateEvery === load.duplicateEvery - 1;
}

function eventAt(index: number, load: Load): IncidentEvent {
  const key = index % load.keys;
  return {
    id: `event-${index}`,
    source: 'bench',
    type: 'incident.problem',
    time: timeAt(index, load),
    service: `service-${key % 50}`,
    component: `component-${key}`,
    fingerprint: null,
    kind: 'PROBLEM',
    severity: 'MINOR',
    summary: 'requests fail with status 503 since the last deployment',
    value: valueAt(index),
    attributes: { region: 'eu-central-1' },
  };
}
