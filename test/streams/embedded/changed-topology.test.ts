import { StreamsBuilder, TopologyError } from '@incident-streams/streams';
import type { Topology } from '@incident-streams/streams';
import { describe, expect, it } from 'vitest';
import { RecordingSink } from '../sinks/recording-sink.ts';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { linesOf, openRuntime, text, withRuntime } from './open-runtime.ts';

/** One sub-topology for each topic, in this order. */
function reading(...topics: string[]): Topology {
  const builder = new StreamsBuilder();
  for (const topic of topics) builder.stream(topic, text).to('out', text);
  return builder.build();
}

async function run(directory: string, topology: Topology, ...topics: string[]): Promise<string[]> {
  return withRuntime({ directory, topology }, async (runtime) => {
    runtime.produce(topics.map((topic) => textRecord(topic, 'k', topic, 1)));
    runtime.start();
    await runtime.whenProcessed();
    return linesOf(runtime, 'out');
  });
}

describe('a topology that has changed since the data were written', () => {
  it('goes on with its old parts where new ones were added behind them', async () => {
    using directory = temporaryDirectory();
    await run(directory.path, reading('a'), 'a');
    expect(await run(directory.path, reading('a', 'b'), 'b')).toEqual(['[0] k=a @1', '[0] k=b @1']);
  });

  it('is refused where its parts have changed places: it would read again what it has read', async () => {
    using directory = temporaryDirectory();
    await run(directory.path, reading('a', 'b'), 'a', 'b');
    const open = () => openRuntime({ directory: directory.path, topology: reading('c', 'a', 'b') });
    expect(open).toThrow(TopologyError);
    expect(open).toThrow('sub-topology 0 has read the topic "a" here, which it reads no more');
    expect(await run(directory.path, reading('a', 'b'))).toHaveLength(2);
  });

  it('feeds a sink from the beginning of the topic that it has been moved to', async () => {
    using directory = temporaryDirectory();
    const feeding = (topic: string) => {
      const builder = new StreamsBuilder();
      const input = builder.stream('in', text);
      for (const written of ['first', 'second']) {
        const output = input.to(written, text);
        if (written === topic) output.toSink('sink');
      }
      return builder.build();
    };
    for (const topic of ['first', 'second']) {
      const sink = new RecordingSink();
      await withRuntime(
        { directory: directory.path, topology: feeding(topic), sinks: { sink } },
        async (runtime) => {
          runtime.start();
          if (topic === 'first')
            runtime.produce([textRecord('in', 'k', 'v', 1), textRecord('in', 'k', 'w', 2)]);
          await runtime.whenProcessed();
          await runtime.whenSinksCaughtUp();
        },
      );
      expect(sink.batches.map((batch) => `${batch.topic} ${batch.records.length}`)).toEqual([`${topic} 2`]);
    }
  });
});
