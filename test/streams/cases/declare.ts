import { StreamsBuilder, stringSerde } from '@incident-streams/streams';
import type { KStream, StreamsBuilderOptions } from '@incident-streams/streams';
import type { DeclaredCase, StoreDump } from '../stream-case.ts';

/** Text for keys and values, as most cases use it. */
export const text = { key: stringSerde, value: stringSerde };

/** Declares a topology that reads text from the topic `in`; returns what `wire` names as its stores. */
export function fromInput(
  wire: (input: KStream<string, string>, builder: StreamsBuilder) => readonly StoreDump[] | undefined | void,
  options: StreamsBuilderOptions = {},
): () => DeclaredCase {
  return () => {
    const builder = new StreamsBuilder(options);
    const stores = wire(builder.stream('in', text), builder) ?? [];
    return { topology: builder.build(), stores };
  };
}
