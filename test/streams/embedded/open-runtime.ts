import { StreamsBuilder, jsonSerde, stringSerde } from '@incident-streams/streams';
import type { KTable, Topology } from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import type { EmbeddedRuntimeOptions } from '@incident-streams/streams/embedded';
import { showRecord } from '../show-record.ts';

export const text = { key: stringSerde, value: stringSerde };

/** `in` → `out`, nothing in between. */
export function copying(): Topology {
  const builder = new StreamsBuilder();
  builder.stream('in', text).to('out', text);
  return builder.build();
}

/** `in` → the number of records of each key → `counts`. */
export function counting(): { topology: Topology; counts: KTable<string, number> } {
  const builder = new StreamsBuilder();
  const counts = builder.stream('in', text).groupByKey(text).count({ name: 'counts' });
  counts.toStream().to('counts', { key: stringSerde, value: jsonSerde<number>() });
  return { topology: builder.build(), counts };
}

type Options = Partial<EmbeddedRuntimeOptions> & Pick<EmbeddedRuntimeOptions, 'directory'>;

/** A runtime with one partition a topic that copies `in` to `out`, unless told otherwise. */
export function openRuntime(options: Options): EmbeddedRuntime {
  return EmbeddedRuntime.open({ topology: copying(), partitions: 1, ...options });
}

/** Opens a runtime for the length of a callback. */
export async function withRuntime<T>(
  options: Options,
  use: (runtime: EmbeddedRuntime) => T | Promise<T>,
): Promise<T> {
  const runtime = openRuntime(options);
  try {
    return await use(runtime);
  } finally {
    await runtime.close();
  }
}

export function linesOf(runtime: EmbeddedRuntime, topic: string): string[] {
  return Array.from({ length: runtime.partitionsOf(topic) }, (_, partition) => [
    ...runtime.records(topic, partition),
  ])
    .flat()
    .map(showRecord);
}
