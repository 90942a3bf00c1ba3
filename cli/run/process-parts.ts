import type { Registry } from 'prom-client';
import type { KafkaCluster } from '@incident-streams/streams/kafka';
import type { ConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import type { Serdes } from '../../schemas/serdes.ts';
import type { IncidentTopology } from '../../topology/incident-topology.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import type { RunConfig } from './config/config-schema.ts';
import type { Log } from './log.ts';
import type { Parts } from './parts.ts';
import type { PartitionCounts } from './topic-setup.ts';

/** What is there before anything else, and never fails. */
export interface ProcessBase {
  readonly config: RunConfig;
  readonly ruleSet: RuleSet;
  readonly log: Log;
  readonly metrics: Registry;
  readonly parts: Parts;
  readonly cluster: KafkaCluster;
  /** Aborts when the process is to stop. */
  readonly signal: AbortSignal;
  /** Something has failed for good: the process stops, and says by its exit code that it did not want to. */
  readonly fail: (error: Error) => void;
}

/** What each role works with, once Kafka and the registry have answered. */
export interface ProcessParts extends ProcessBase {
  readonly registry: ConfluentRegistry;
  readonly serdes: Serdes;
  readonly declared: IncidentTopology;
  readonly partitions: PartitionCounts;
}

export interface RunningRole {
  readonly close: () => Promise<void>;
}
