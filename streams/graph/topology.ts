import type { Serde } from '../records/serde.ts';
import type { StateStore, StoreBuilder } from '../state/store.ts';
import type { Node, OutputNode, SourceNode } from './node.ts';

/** A declared topology: what a runtime runs. It holds no state and can be run any number of times. */
export interface Topology {
  /** Nodes that share records or stores, each set in an order in which parents come before children. */
  readonly subTopologies: readonly SubTopology[];
  /** Topics that the topology writes only to read them again itself; a runtime creates them. */
  readonly repartitionTopics: ReadonlySet<string>;
  readonly sinks: readonly SinkBinding[];
  /** Where records go that cannot be processed. */
  readonly deadLetterTopic: string | undefined;
}

/** One task is made of it for each partition of its source topics. */
export interface SubTopology {
  readonly id: number;
  readonly nodes: readonly Node[];
  readonly stores: readonly StoreBuilder<StateStore>[];
}

/** A topic and how its records are read. */
export interface TopicBinding {
  readonly topic: string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
}

/** The name of a connector, and the topic that feeds it. */
export interface SinkBinding extends TopicBinding {
  readonly connector: string;
  /** The compacted table that an outside system without its data is given. */
  readonly snapshot?: TopicBinding;
}

export function sourcesOf(subTopology: SubTopology): SourceNode[] {
  return subTopology.nodes.filter((node) => node.kind === 'source');
}

export function outputsOf(subTopology: SubTopology): OutputNode[] {
  return subTopology.nodes.filter((node) => node.kind === 'output');
}

/** Every topic that the topology reads or writes, in the order in which they were declared. */
export function topicsOf(topology: Topology): string[] {
  const topics = new Set<string>();
  for (const subTopology of topology.subTopologies) {
    for (const node of subTopology.nodes) if (node.kind !== 'processor') topics.add(node.topic);
  }
  for (const { topic, snapshot } of topology.sinks) {
    topics.add(topic);
    if (snapshot !== undefined) topics.add(snapshot.topic);
  }
  if (topology.deadLetterTopic !== undefined) topics.add(topology.deadLetterTopic);
  return [...topics];
}
