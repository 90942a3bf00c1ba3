import { TopologyError } from '../../errors.ts';
import type { Node, OutputNode, ProcessorNode } from '../../graph/node.ts';
import type { Processor } from '../../processors/processor.ts';
import type { OutgoingRecord, StreamRecord } from '../../records/record.ts';

type AnyRecord = StreamRecord<unknown, unknown>;

/** A node at work: what it does with a record, and who comes after it. */
export interface NodeRunner {
  readonly name: string;
  run(record: AnyRecord): void;
}

/** Where a source, or a processor that forwards, hands its records on. */
export class Children {
  readonly #all: NodeRunner[] = [];
  readonly #byName = new Map<string, NodeRunner>();

  add(child: NodeRunner): void {
    this.#all.push(child);
    this.#byName.set(child.name, child);
  }

  forward(record: AnyRecord, child?: string): void {
    if (child === undefined) {
      for (const runner of this.#all) runner.run(record);
      return;
    }
    const runner = this.#byName.get(child);
    if (runner === undefined)
      throw new TopologyError(`a processor forwards to the child "${child}", which it does not have`);
    runner.run(record);
  }
}

export class ProcessorRunner implements NodeRunner {
  readonly name: string;
  readonly processor: Processor<unknown, unknown, unknown, unknown>;

  constructor(node: ProcessorNode) {
    this.name = node.name;
    this.processor = node.supplier();
  }

  run(record: AnyRecord): void {
    this.processor.process(record);
  }
}

export class OutputRunner implements NodeRunner {
  readonly name: string;
  readonly #node: OutputNode;
  readonly #send: (record: OutgoingRecord) => void;

  constructor(node: OutputNode, send: (record: OutgoingRecord) => void) {
    this.name = node.name;
    this.#node = node;
    this.#send = send;
  }

  run(record: AnyRecord): void {
    const { topic, key, value } = this.#node;
    this.#send({
      topic,
      timestamp: record.timestamp,
      key: record.key === null || record.key === undefined ? null : key.serialize(record.key),
      value: record.value === null ? null : value.serialize(record.value),
      headers: record.headers,
    });
  }
}

/** Connects each node to its children, in the order in which the children were declared. */
export function connect(
  nodes: readonly Node[],
  childrenOf: (name: string) => Children,
  runnerOf: (name: string) => NodeRunner,
): void {
  for (const node of nodes) {
    if (node.kind === 'source') continue;
    for (const parent of node.parents) childrenOf(parent).add(runnerOf(node.name));
  }
}
