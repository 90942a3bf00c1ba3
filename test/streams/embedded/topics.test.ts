import { StreamsBuilder, TopologyError } from '@incident-streams/streams';
import { EmbeddedTopicError } from '@incident-streams/streams/embedded';
import { describe, expect, it } from 'vitest';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { linesOf, openRuntime, text, withRuntime } from './open-runtime.ts';

describe('topics', () => {
  it('keep their partitions and clean-up policy: other settings are refused, the old ones still work', async () => {
    using directory = temporaryDirectory();
    const topics = { out: { partitions: 3, cleanupPolicy: 'compact' } } as const;
    await withRuntime({ directory: directory.path, topics }, (runtime) => {
      expect(runtime.partitionsOf('in')).toBe(1);
      expect(runtime.partitionsOf('out')).toBe(3);
    });
    const refused = (options: Parameters<typeof openRuntime>[0]) => {
      expect(() => openRuntime(options)).toThrow(EmbeddedTopicError);
    };
    refused({ directory: directory.path });
    refused({ directory: directory.path, topics: { out: { partitions: 3 } } });
    refused({ directory: directory.path, topics: { out: { partitions: 2, cleanupPolicy: 'compact' } } });
    await withRuntime({ directory: directory.path, topics }, () => undefined);
  });

  it.each([0, -1, 1.5, 65_537, Number.NaN])('cannot have %s partitions', (partitions) => {
    using directory = temporaryDirectory();
    expect(() => openRuntime({ directory: directory.path, partitions })).toThrow(EmbeddedTopicError);
  });

  it('that nobody declared, and partitions that are not there, are refused by name', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => {
      expect(() => runtime.produce([textRecord('no-such-topic', 'k', 'v', 1)])).toThrow('no-such-topic');
      expect(() => runtime.produce([textRecord('in', 'k', 'v', 1, { partition: 7 })])).toThrow(
        'topic "in" has 1 partitions, there is no partition 7',
      );
      expect(() => runtime.produce([textRecord('in', 'k', 'v', 1, { partition: -1 })])).toThrow(
        EmbeddedTopicError,
      );
      expect(() => runtime.partitionsOf('no-such-topic')).toThrow(EmbeddedTopicError);
      expect(() => runtime.endOffset('in', 1)).toThrow(EmbeddedTopicError);
    });
  });

  it('that one refused record was for get none of the records that came with it', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => {
      runtime.produce([textRecord('in', 'k', 'first', 1)]);
      expect(() =>
        runtime.produce([textRecord('in', 'k', 'lost', 2), textRecord('no-such-topic', 'k', 'v', 3)]),
      ).toThrow(EmbeddedTopicError);
      expect(runtime.endOffset('in', 0)).toBe(1);
      expect(runtime.produce([textRecord('in', 'k', 'second', 4)])).toEqual([{ partition: 0, offset: 1 }]);
      expect(linesOf(runtime, 'in')).toEqual(['[0] k=first @1', '[0] k=second @4']);
    });
  });

  it('are not created by a topology that cannot run with them', async () => {
    using directory = temporaryDirectory();
    const meeting = () => {
      const builder = new StreamsBuilder();
      builder.stream('left', text).merge(builder.stream('right', text)).to('out', text);
      return builder.build();
    };
    const open = (right: number) =>
      openRuntime({
        directory: directory.path,
        topology: meeting(),
        topics: { left: { partitions: 2 }, right: { partitions: right } },
      });
    expect(() => open(3)).toThrow(TopologyError);
    await open(2).close();
  });

  it('remember when they were created', async () => {
    using directory = temporaryDirectory();
    const epochs: number[] = [];
    for (const now of [1_000, 2_000]) {
      const builder = new StreamsBuilder();
      builder.stream('in', text).to('out', text).toSink('sink');
      const sink = {
        open: ({ topicEpoch }: { topicEpoch: number }) => {
          epochs.push(topicEpoch);
          return Promise.resolve();
        },
        appliedOffset: () => Promise.resolve(undefined),
        write: () => Promise.resolve(),
        close: () => Promise.resolve(),
      };
      await withRuntime(
        { directory: directory.path, topology: builder.build(), sinks: { sink }, now: () => now },
        async (runtime) => {
          runtime.start();
          await runtime.whenSinksCaughtUp();
        },
      );
    }
    expect(epochs).toEqual([1_000, 1_000]);
  });
});
