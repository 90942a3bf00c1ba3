import type { Produced } from '@incident-streams/streams/embedded';
import { IngestOverloadedError, pageOfIncidents, servicesOf } from '../../connectors/http/index.ts';
import type { HttpPorts, IncidentReader, PartReadiness, RecordPlace } from '../../connectors/http/index.ts';
import { createAvroEventReader } from '../../schemas/avro-events.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { correlationKeyOf } from '../../topology/correlation.ts';
import { TOPICS } from '../../topology/topics.ts';
import { ReplayRunningError } from '../errors.ts';
import { createAlertFeed } from './alert-feed.ts';
import { readLedger } from './ledger.ts';
import { liveMark } from './live-mark.ts';
import { inboxRecord } from './pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import type { PipelineClock } from './pipeline-clock.ts';
import { ruleFinder } from './rule-finder.ts';
import type { TransitionHistory } from './transition-history.ts';

export interface HttpPortsParts {
  readonly pipeline: Pipeline;
  readonly clock: PipelineClock;
  readonly history: TransitionHistory;
  /** What is on, off or failing besides the runtime itself. */
  readonly parts: () => readonly PartReadiness[];
  /** Records that may wait to be processed before events are refused. Default 100,000. */
  readonly maxBacklogRecords?: number;
}

const MAX_BACKLOG_RECORDS = 100_000;

/** The HTTP API's view of the embedded pipeline. */
export function createHttpPorts({
  pipeline,
  clock,
  history,
  parts,
  maxBacklogRecords = MAX_BACKLOG_RECORDS,
}: HttpPortsParts): HttpPorts {
  const appendEvents = (events: readonly IncidentEvent[]): RecordPlace[] => {
    if (clock.isReplaying)
      throw new ReplayRunningError(
        'Nothing was taken in: the replay of old data is still running. Events from today are taken when it has ended.',
      );
    requireBacklogBelow(maxBacklogRecords, pipeline);
    const { maxAheadMs } = pipeline.ruleSet.limits;
    const [believed, believedToday] = [clock.now() + maxAheadMs, Date.now() + maxAheadMs];
    const fromToday = clock.isLive || events.some(({ time }) => time > believed && time <= believedToday);
    const receivedAt = fromToday ? Date.now() : clock.now();
    const records = events.map((event) =>
      inboxRecord(pipeline, { type: 'event', event }, { key: correlationKeyOf(event), receivedAt }),
    );
    const places = pipeline.runtime.produce(records, fromToday ? liveMark(receivedAt) : undefined);
    if (fromToday) clock.goLive();
    return places.map(inInbox);
  };
  return {
    incidents: createIncidentReader(pipeline, history),
    events: {
      append: (event) => inPromise(() => placeOf(appendEvents([event]))),
      appendMany: (events) => inPromise(() => appendEvents(events)),
      readAvro: createAvroEventReader({ registry: new EmbeddedRegistry() }),
    },
    commands: {
      append: (command) =>
        inPromise(() => {
          const place = { key: command.correlationKey, receivedAt: clock.now() };
          const record = inboxRecord(pipeline, { type: 'command', command }, place);
          return placeOf(pipeline.runtime.produce([record]).map(inInbox));
        }),
    },
    alerts: createAlertFeed(pipeline),
    ledger: { partitions: () => readLedger(pipeline) },
    readiness: { parts },
  };
}

/** What is appended is durable at once; what has to be held back is how far processing falls behind. */
function requireBacklogBelow(maxRecords: number, { runtime }: Pipeline): void {
  const waiting = runtime.lag();
  if (waiting < maxRecords) return;
  throw new IngestOverloadedError(
    `Nothing was taken in: ${waiting} records wait to be processed already. Send them again a little later.`,
  );
}

function createIncidentReader(
  { runtime, stores, ruleSet }: Pipeline,
  history: TransitionHistory,
): IncidentReader {
  function* current(): Iterable<IncidentState> {
    for (const memories of runtime.stores(stores.memories)) {
      for (const [, memory] of memories.entries()) if (memory.incident !== null) yield memory.incident;
    }
  }
  return {
    incident: (incidentId) => {
      for (const incident of current()) if (incident.incidentId === incidentId) return incident;
      return history.latestOf(incidentId)?.state;
    },
    list: (query) => pageOfIncidents(current(), query),
    services: () => ({ services: servicesOf(current()) }),
    rule: ruleFinder(ruleSet),
    timeline: (incidentId, { afterVersion, limit }) => {
      return history
        .transitionsOf(incidentId)
        ?.filter((transition) => transition.version > afterVersion)
        .slice(0, limit);
    },
  };
}

function inInbox(place: Produced): RecordPlace {
  return { topic: TOPICS.inbox, ...place };
}

function placeOf([place]: readonly RecordPlace[]): RecordPlace {
  if (place === undefined) throw new TypeError('nothing was appended');
  return place;
}

/** Turns what is thrown into a rejection. */
function inPromise<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
