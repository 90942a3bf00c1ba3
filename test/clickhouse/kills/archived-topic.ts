import { NO_HEADERS, StreamsBuilder, stringSerde } from '@incident-streams/streams';
import type { Topology } from '@incident-streams/streams';
import type { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { EmbeddedRegistry } from '../../../schemas/embedded-registry.ts';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';
import { createSerdes } from '../../../schemas/serdes.ts';
import { START, makeState, makeTransition } from '../records.ts';

export const TOPIC = 'incident.transitions';
export const PARTITIONS = 4;
export const SINK = 'history';
const INBOX = 'decided';
const VERSIONS = 5;
const SIX_HOURS_MS = 21_600_000;

const value = createSerdes(new EmbeddedRegistry()).incidentTransition;

/** Copies transitions into the topic that the sink is fed from. */
export function archiveTopology(): Topology {
  const builder = new StreamsBuilder();
  const serdes = { key: stringSerde, value };
  builder.stream(INBOX, serdes).to(TOPIC, serdes).toSink(SINK);
  return builder.build();
}

/** Puts so many transitions into the topic, of which the first is the `from`th; they fall into several years. */
export async function produceTransitions(
  runtime: EmbeddedRuntime,
  from: number,
  count: number,
): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => {
    const transition = transitionNumber(from + index);
    const key = stringSerde.serialize(transition.correlationKey);
    return {
      ...{ topic: INBOX, key, value: value.serialize(transition) },
      ...{ timestamp: transition.at, headers: NO_HEADERS },
    };
  });
  runtime.produce(records);
  await runtime.whenProcessed();
}

export interface SourceRecord {
  readonly offset: number;
  readonly transition: IncidentTransition;
}

/** What the topic itself holds. */
export function sourceRecords(runtime: EmbeddedRuntime, partition: number): SourceRecord[] {
  return [...runtime.records(TOPIC, partition)].map((record) => {
    if (record.value === null) throw new Error(`${TOPIC}[${partition}]@${record.offset} holds nothing`);
    return { offset: record.offset, transition: value.deserialize(record.value) };
  });
}

function transitionNumber(index: number): IncidentTransition {
  const incident = Math.floor(index / VERSIONS);
  const version = (index % VERSIONS) + 1;
  const updatedAt = START + incident * SIX_HOURS_MS + version;
  const correlationKey = `service-${incident % 97}/db`;
  const summary = `problem ${index}, ${'ü'.repeat(index % 7)}`;
  const state = makeState({ incidentId: `inc-${incident}`, correlationKey, version, updatedAt, summary });
  return makeTransition(version === 1 ? 'DETECTED' : 'UPDATED', state);
}
