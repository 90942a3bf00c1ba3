import type { LogRecord } from '@incident-streams/streams';
import type { KafkaCluster, TopicFacts, TopicPartition } from '@incident-streams/streams/kafka';
import type { Serdes } from '../../schemas/serdes.ts';
import type { IncidentTopology } from '../../topology/incident-topology.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import type { RunConfig } from '../run/config/config-schema.ts';
import { CannotCheckError } from './errors.ts';
import { Finder } from './finding.ts';
import type { CheckName } from './finding.ts';
import { Deadline } from './reading/deadline.ts';
import { settledRange } from './reading/settled-range.ts';
import type { SettledRange } from './reading/settled-range.ts';
import type { TopicReader } from './reading/topic-reader.ts';

export interface VerifyLimits {
  /** How long a check waits for what is behind, and for an answer. */
  readonly timeoutMs: number;
  /** How many differences of each part are shown. */
  readonly maxShown: number;
}

export interface VerifySources {
  readonly config: RunConfig;
  readonly ruleSet: RuleSet;
  readonly limits: VerifyLimits;
  readonly cluster: KafkaCluster;
  readonly reader: TopicReader;
  readonly serdes: Serdes;
  readonly declared: IncidentTopology;
  /** The pipeline's topics that exist, by their declared names. */
  readonly topics: ReadonlyMap<string, TopicFacts>;
  /** Fetches schemas that records name and that are not known yet. */
  readonly beforeDecode: (records: readonly LogRecord[]) => Promise<void> | undefined;
}

/** What every check works with. */
export class VerifyParts {
  readonly sources: VerifySources;
  /** Of the check that runs. */
  readonly deadline: Deadline;

  constructor(sources: VerifySources) {
    this.sources = sources;
    this.deadline = new Deadline(sources.limits.timeoutMs);
  }

  finder(check: CheckName, part?: string): Finder {
    const { maxShown } = this.sources.limits;
    return new Finder(check, { maxShown, ...(part === undefined ? {} : { part }) });
  }

  /** @throws {CannotCheckError} for a topic that does not exist */
  topic(declared: string): TopicFacts {
    const facts = this.sources.topics.get(declared);
    if (facts !== undefined) return facts;
    throw new CannotCheckError(`the topic ${this.sources.config.topics.prefix}${declared} does not exist`);
  }

  /**
   * How many partitions topics have that are compared partition by partition.
   * @throws {CannotCheckError} where they differ: a key then lies in different partitions of them
   */
  partitionsOf(...declared: readonly string[]): number {
    const facts = declared.map((topic) => this.topic(topic));
    const [first] = facts;
    const other = facts.find(({ partitions }) => partitions !== first?.partitions);
    if (first !== undefined && other === undefined) return first.partitions;
    throw new CannotCheckError(
      `${facts.map(({ name, partitions }) => `${name} has ${partitions}`).join(', ')} partitions: they cannot be compared partition by partition`,
    );
  }

  place(declared: string, partition: number): TopicPartition {
    return { topic: this.topic(declared).name, partition };
  }

  range(place: TopicPartition): Promise<SettledRange> {
    return settledRange(this.sources.cluster.admin, place, this.deadline);
  }

  /** Records that can be decoded: the schemas they name are known. */
  async *read(
    place: TopicPartition,
    range: { readonly from: number; readonly to: number },
  ): AsyncGenerator<readonly LogRecord[]> {
    const { reader, beforeDecode } = this.sources;
    for await (const records of reader.read(place, range)) {
      await beforeDecode(records);
      yield records;
    }
  }
}
