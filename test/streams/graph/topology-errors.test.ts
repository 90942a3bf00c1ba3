import {
  StreamsBuilder,
  TopologyError,
  doubleSerde,
  keyValueStore,
  stringSerde,
  tumblingWindows,
} from '@incident-streams/streams';
import type { Processor, ProcessorContext } from '@incident-streams/streams';
import { TopologyTestDriver } from '@incident-streams/streams/test-driver';
import { describe, expect, it } from 'vitest';
import { text } from '../embedded/open-runtime.ts';
import { textRecord } from '../stream-case.ts';

const numbers = () => keyValueStore({ name: 'numbers', key: stringSerde, value: doubleSerde });
const idle = () => ({ process: () => undefined });

function expectRefused(declare: (builder: StreamsBuilder) => void, message: string): void {
  const build = () => {
    const builder = new StreamsBuilder();
    declare(builder);
    return new TopologyTestDriver(builder.build());
  };
  expect(build).toThrow(TopologyError);
  expect(build).toThrow(message);
}

describe('a topology is refused', () => {
  it('when two nodes have one name', () => {
    expectRefused((builder) => {
      const input = builder.stream('in', text);
      input.filter(() => true, { name: 'same' });
      input.peek(() => undefined, { name: 'same' });
    }, 'two nodes are named "same"');
  });

  it('when a topic is read twice', () => {
    expectRefused((builder) => {
      builder.stream('in', { ...text, name: 'first' });
      builder.stream('in', { ...text, name: 'second' });
    }, 'topic "in" is read by "first" already: use its stream in place of "second"');
  });

  it('when two stores have one name', () => {
    expectRefused((builder) => {
      const input = builder.stream('in', text);
      input.process(idle, { stores: [numbers()] });
      input.process(idle, { stores: [numbers()] });
    }, 'two stores are named "numbers"');
  });

  it('when two sinks have one name', () => {
    expectRefused((builder) => {
      builder.stream('in', text).to('out', text).toSink('sink').toSink('sink');
    }, 'two sinks are named "sink"');
  });

  it('when it asks for the dead letters without having a topic for them', () => {
    expectRefused((builder) => void builder.deadLetters(), 'no dead-letter topic is declared');
  });

  it('when it merges a stream of another builder', () => {
    expectRefused((builder) => {
      const stranger = new StreamsBuilder().stream('other', { ...text, name: 'stranger' });
      builder.stream('in', text).merge(stranger);
    }, '"stranger", which does not exist');
  });

  it('when a processor asks for a store that it did not declare', () => {
    expectRefused((builder) => {
      const store = numbers();
      const input = builder.stream('in', text);
      input.process(idle, { stores: [store] });
      input.process(() => ({ init: (context) => void context.store(store), process: () => undefined }), {
        name: 'asking',
      });
    }, '"asking" asks for the store "numbers", which it did not declare');
  });

  it('when a punctuation has no interval', () => {
    for (const intervalMs of [0, -5, Number.NaN, 0.5]) {
      expectRefused((builder) => {
        builder.stream('in', text).process(
          () => ({
            init: (context) => context.schedule(intervalMs, 'stream-time', () => undefined),
            process: () => undefined,
          }),
          { name: 'periodic' },
        );
      }, `"periodic" schedules every ${intervalMs} ms: an interval is a positive whole number`);
    }
  });

  it.each([
    [{ sizeMs: 0, graceMs: 0 }, 'sizeMs'],
    [{ sizeMs: 1.5, graceMs: 0 }, 'sizeMs'],
    [{ sizeMs: 1, graceMs: -1 }, 'graceMs'],
    [{ sizeMs: 1, graceMs: Infinity }, 'graceMs'],
  ])('when its windows are %o', (windows, field) => {
    expect(() => tumblingWindows(windows)).toThrow(TopologyError);
    expect(() => tumblingWindows(windows)).toThrow(field);
    const grouped = new StreamsBuilder().stream('in', text).groupByKey(text);
    expect(() => grouped.windowedBy(windows)).toThrow(TopologyError);
  });
});

describe('at work is refused', () => {
  it('forwarding to a child that is not there', () => {
    class Misdirecting implements Processor<string, string, string, string> {
      #context!: ProcessorContext<string, string>;

      init(context: ProcessorContext<string, string>): void {
        this.#context = context;
      }

      process(record: Parameters<Processor<string, string, string, string>['process']>[0]): void {
        this.#context.forward(record, 'nobody');
      }
    }
    const builder = new StreamsBuilder();
    builder
      .stream('in', text)
      .process(() => new Misdirecting())
      .to('out', text);
    const driver = new TopologyTestDriver(builder.build());
    expect(() => driver.pipeBytes(textRecord('in', 'k', 'v', 1))).toThrow(
      'a processor forwards to the child "nobody", which it does not have (at in[0]@0)',
    );
  });

  it('a record for a partition that the test driver does not have', () => {
    const builder = new StreamsBuilder();
    builder.stream('in', text).to('out', text);
    const driver = new TopologyTestDriver(builder.build(), { partitions: 2 });
    expect(() => driver.pipeBytes(textRecord('in', 'k', 'v', 1, { partition: 2 }))).toThrow(
      'topic "in" has 2 partitions, there is no partition 2',
    );
  });
});
