import type { SinkBinding, Topology } from '../../graph/topology.ts';
import type { AnySinkConnector } from '../sinks/bind-sinks.ts';
import { bindSinks } from '../sinks/bind-sinks.ts';
import { EmbeddedSinkError, EmbeddedTopicError } from './errors.ts';
import { SinkRunner } from './sink-runner.ts';
import type { SinkRunnerParts } from './sink-runner.ts';
import type { TopicRegistry } from './topic-registry.ts';

export interface MakeSinkRunnersOptions extends SinkRunnerParts {
  readonly topology: Topology;
  readonly connectors: Readonly<Record<string, AnySinkConnector>>;
  readonly topics: TopicRegistry;
}

/** @throws {EmbeddedSinkError | EmbeddedTopicError} */
export function makeSinkRunners(options: MakeSinkRunnersOptions): SinkRunner[] {
  const { topology, connectors, topics } = options;
  for (const binding of topology.sinks) checkSnapshot(binding, topics);
  const bound = bindSinks(topology, connectors, (message) => new EmbeddedSinkError(message));
  return bound.map((sink) => new SinkRunner({ ...options, ...sink, topic: topics.get(sink.binding.topic) }));
}

function checkSnapshot({ connector, topic, snapshot }: SinkBinding, topics: TopicRegistry): void {
  if (snapshot === undefined) return;
  const [wanted, found] = [topics.get(topic).partitions, topics.get(snapshot.topic).partitions];
  if (wanted !== found)
    throw new EmbeddedTopicError(
      `the sink "${connector}" reads "${topic}" with ${wanted} partitions, but its snapshot "${snapshot.topic}" has ${found}`,
    );
}
