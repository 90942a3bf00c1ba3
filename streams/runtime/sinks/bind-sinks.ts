import type { SinkBinding, Topology } from '../../graph/topology.ts';
import type { SinkConnector } from '../../ports/sink-connector.ts';

/** A connector of any content; the topology's declaration says what it gets. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- keys and values are the binding's, erased here
export type AnySinkConnector = SinkConnector<any, any>;

export interface BoundSink {
  readonly binding: SinkBinding;
  readonly connector: AnySinkConnector;
}

/**
 * The sinks of a topology that are given a connector.
 * @param refuse makes the error for a connector that no sink declares
 */
export function bindSinks(
  topology: Topology,
  connectors: Readonly<Record<string, AnySinkConnector>>,
  refuse: (message: string) => Error,
): BoundSink[] {
  const declared = new Set(topology.sinks.map((sink) => sink.connector));
  const stranger = Object.keys(connectors).find((name) => !declared.has(name));
  if (stranger !== undefined) {
    throw refuse(
      `a connector "${stranger}" is given, but the topology declares only: ${[...declared].join(', ')}`,
    );
  }
  return topology.sinks.flatMap((binding) => {
    const connector = connectors[binding.connector];
    return connector === undefined ? [] : [{ binding, connector }];
  });
}
