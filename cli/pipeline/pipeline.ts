import { NO_HEADERS, stringSerde } from '@incident-streams/streams';
import type { OutgoingRecord } from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import type { AnySinkConnector, CommitStep } from '@incident-streams/streams/embedded';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { InboxEntry } from '../../schemas/inbox-entry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import type { Serdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import type { IncidentTopology } from '../../topology/incident-topology.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { TOPICS } from '../../topology/topics.ts';

/** Partitions of every topic but `incident.events`. */
const PARTITIONS = 4;

export interface PipelineOptions {
  readonly directory: string;
  readonly ruleSet: RuleSet;
  /** Connectors by the names of the topology's sinks. */
  readonly sinks: Readonly<Record<string, AnySinkConnector>>;
  readonly onCommitStep?: (step: CommitStep) => void;
}

/** The incident topology on the embedded runtime, with what its users share. */
export interface Pipeline extends IncidentTopology {
  readonly runtime: EmbeddedRuntime;
  readonly serdes: Serdes;
  readonly ruleSet: RuleSet;
}

/** Opens the pipeline; nothing is processed before `runtime.start()`. */
export function openPipeline(options: PipelineOptions): Pipeline {
  const serdes = createSerdes(new EmbeddedRegistry());
  const declared = incidentTopology(options.ruleSet, serdes);
  const runtime = EmbeddedRuntime.open({
    topology: declared.topology,
    directory: options.directory,
    partitions: PARTITIONS,
    topics: {
      // One partition, so that the order in which events reach the inbox can be reproduced.
      [TOPICS.events]: { partitions: 1 },
      [TOPICS.state]: { partitions: PARTITIONS, cleanupPolicy: 'compact' },
    },
    sinks: options.sinks,
    ...(options.onCommitStep === undefined ? {} : { onCommitStep: options.onCommitStep }),
  });
  return { ...declared, runtime, serdes, ruleSet: options.ruleSet };
}

/** An inbox entry as a record, in the partition of its key or, for ticks, in the one given. */
export function inboxRecord(
  pipeline: Pipeline,
  entry: InboxEntry,
  place: { readonly key: string; readonly receivedAt: number; readonly partition?: number },
): OutgoingRecord {
  return {
    topic: TOPICS.inbox,
    timestamp: place.receivedAt,
    key: stringSerde.serialize(place.key),
    value: pipeline.serdes.inboxEntry.serialize(entry),
    headers: NO_HEADERS,
    ...(place.partition === undefined ? {} : { partition: place.partition }),
  };
}

/** One tick for each partition of the inbox: moves their stream time on to `time`. */
export function tickRecords(pipeline: Pipeline, time: number, reason: string): OutgoingRecord[] {
  const partitions = pipeline.runtime.partitionsOf(TOPICS.inbox);
  return Array.from({ length: partitions }, (_, partition) => {
    const id = `${reason}-${time}-${partition}`;
    return inboxRecord(
      pipeline,
      { type: 'tick', tick: { id, time, reason } },
      { key: 'tick', receivedAt: time, partition },
    );
  });
}
