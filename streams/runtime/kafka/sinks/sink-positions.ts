import { committedOffsets } from '../committed-offsets.ts';
import type { KafkaCluster, TopicFacts } from '../ports.ts';
import { decodeProgress } from './sink-notes.ts';
import { knownEpochOf } from './topic-epochs.ts';

export interface SinkPositionsOptions {
  readonly cluster: KafkaCluster;
  readonly applicationId: string;
  /** The name that the topology binds the connector under. */
  readonly connector: string;
  /** The topic that feeds it, as it is on the cluster. */
  readonly facts: TopicFacts;
  readonly until: AbortSignal;
}

export interface SinkPositions {
  /** As the connector was given it in `SinkSource.topicEpoch`. */
  readonly topicEpoch: number;
  /** By partition: everything before this offset has been acknowledged by the outside system. */
  readonly nextOffsets: readonly number[];
}

/** How far a sink has come, asked from outside of its group; undefined where it has never been opened on this topic. */
export async function readSinkPositions(options: SinkPositionsOptions): Promise<SinkPositions | undefined> {
  const { cluster, applicationId, connector, facts, until } = options;
  const topicEpoch = await knownEpochOf(facts, { cluster, applicationId, until });
  if (topicEpoch === undefined) return undefined;
  const places = Array.from({ length: facts.partitions }, (_, partition) => ({
    topic: facts.name,
    partition,
  }));
  const committed = await committedOffsets(cluster, `${applicationId}-sink-${connector}`, places);
  return {
    topicEpoch,
    nextOffsets: places.map(({ partition }) => {
      const offset = committed.find((one) => one.partition === partition);
      return offset === undefined ? 0 : decodeProgress(offset, topicEpoch).nextOffset;
    }),
  };
}
