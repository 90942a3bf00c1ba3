import type { Topology } from '../../graph/topology.ts';

/**
 * What the topology's topics are called on the cluster. Topics of the topology's own begin with the application id,
 * as in Kafka Streams, so that two applications do not share them.
 */
export class TopicNames {
  readonly #applicationId: string;
  readonly #prefix: string;
  readonly #repartitionTopics: ReadonlySet<string>;

  constructor(
    topology: Topology,
    options: { readonly applicationId: string; readonly topicPrefix?: string },
  ) {
    this.#applicationId = options.applicationId;
    this.#prefix = options.topicPrefix ?? '';
    this.#repartitionTopics = topology.repartitionTopics;
  }

  /** The name on the cluster of a topic as the topology declares it. */
  onCluster(topic: string): string {
    return this.#repartitionTopics.has(topic) ? `${this.#applicationId}-${topic}` : `${this.#prefix}${topic}`;
  }

  changelogOf(store: string): string {
    return `${this.#applicationId}-${store}-changelog`;
  }
}
