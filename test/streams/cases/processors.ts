import { NO_HEADERS, doubleSerde, keyValueStore, stringSerde, windowStore } from '@incident-streams/streams';
import type {
  KeyValueStore,
  Processor,
  ProcessorContext,
  StoreBuilder,
  StreamRecord,
} from '@incident-streams/streams';
import { dumpKeyValues, dumpWindows, textRecord } from '../stream-case.ts';
import type { StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

type Text = StreamRecord<string, string>;

/** Adds up what it sees and says the sum every 10 ms of stream time, with where it stood then. */
class PeriodicSum implements Processor<string, string, string, string> {
  readonly #builder: StoreBuilder<KeyValueStore<string, number>>;
  #context!: ProcessorContext<string, string>;
  #sums!: KeyValueStore<string, number>;

  constructor(builder: StoreBuilder<KeyValueStore<string, number>>) {
    this.#builder = builder;
  }

  init(context: ProcessorContext<string, string>): void {
    this.#context = context;
    this.#sums = context.store(this.#builder);
    context.schedule(10, 'stream-time', (timeMs) => this.#report(timeMs));
  }

  process({ key, value }: Text): void {
    this.#sums.put(key, (this.#sums.get(key) ?? 0) + Number(value));
  }

  #report(timeMs: number): void {
    const position = this.#context.position();
    const received = String(this.#context.receivedAtMs());
    for (const [key, sum] of this.#sums.entries()) {
      const value = `sum ${sum} at ${timeMs} offset ${position?.offset} received ${received}`;
      this.#context.forward({ key, value, timestamp: timeMs, headers: NO_HEADERS });
      this.#sums.delete(key);
    }
    this.#context.count('reports');
  }
}

/** Says what it knows of the record that it is working on. */
class Whereabouts implements Processor<string, string, string, string> {
  #context!: ProcessorContext<string, string>;

  init(context: ProcessorContext<string, string>): void {
    this.#context = context;
  }

  process(record: Text): void {
    const { partition } = this.#context;
    const { topic, offset } = this.#context.position() ?? { topic: 'none', offset: -1 };
    const value = `${topic} ${partition} ${offset} received ${this.#context.receivedAtMs()} stream ${this.#context.streamTimeMs()}`;
    this.#context.count('bytes', record.value.length);
    this.#context.forward({ ...record, value });
  }
}

const sums = () => keyValueStore({ name: 'sums', key: stringSerde, value: doubleSerde });

const record = (key: string, value: string, timestamp: number) => textRecord('in', key, value, timestamp);

export const processorCases: readonly StreamCase[] = [
  {
    name: 'stream-time punctuations fire at multiples of their interval, before the record that moved the time, once for what was jumped over',
    declare: fromInput((input) => {
      const store = sums();
      input.process(() => new PeriodicSum(store), { stores: [store] }).to('out', text);
      return [dumpKeyValues(store)];
    }),
    input: [
      record('a', '1', 3), // begins the schedule, fires nothing
      record('a', '2', 9),
      record('b', '3', 10), // 10 has come
      record('b', '4', 8), // out of order: time stands still
      record('b', '5', 19),
      record('b', '6', 55), // five multiples at once
      record('b', '7', 59),
      record('b', '8', 60),
    ],
    expected: {
      out: [
        '[0] a=sum 3 at 10 offset 2 received undefined @10',
        '[0] b=sum 12 at 55 offset 5 received undefined @55',
        '[0] b=sum 13 at 60 offset 7 received undefined @60',
      ],
    },
    counters: { reports: 3 },
    stores: { sums: ['[0] b=8'] },
  },
  {
    name: 'a processor knows its partition, the position and both times of its record',
    partitions: 2,
    declare: fromInput((_input, builder) => {
      builder
        .stream('timed', { ...text, timestamp: ({ value }) => Number(value) })
        .process(() => new Whereabouts())
        .to('out', text);
    }),
    input: [
      textRecord('timed', 'd', '50', 1_000, { partition: 1 }),
      textRecord('timed', 'd', '40', 2_000, { partition: 1 }),
      textRecord('timed', 'a', '7', 3_000, { partition: 0 }),
    ],
    expected: {
      out: [
        '[0] a=timed 0 0 received 3000 stream 7 @7',
        '[1] d=timed 1 0 received 1000 stream 50 @50',
        '[1] d=timed 1 1 received 2000 stream 50 @40',
      ],
    },
    counters: { bytes: 5 },
  },
  {
    name: 'two processors that share a store see the same entries, and lie in one sub-topology',
    declare: fromInput((input, builder) => {
      const store = sums();
      const remember = () => {
        let opened: KeyValueStore<string, number>;
        return {
          init: (context: ProcessorContext<string, string>) => void (opened = context.store(store)),
          process: ({ key, value }: Text) => opened.put(key, Number(value)),
        };
      };
      const recall = () => {
        let opened: KeyValueStore<string, number>;
        let context: ProcessorContext<string, string>;
        return {
          init: (given: ProcessorContext<string, string>) => {
            context = given;
            opened = given.store(store);
          },
          process: (asked: Text) => context.forward({ ...asked, value: String(opened.get(asked.key)) }),
        };
      };
      input.process(remember, { stores: [store] });
      builder
        .stream('questions', text)
        .process(recall, { stores: [store] })
        .to('out', text);
      return [dumpKeyValues(store)];
    }),
    input: [
      textRecord('questions', 'k', '?', 1),
      textRecord('in', 'k', '42', 2),
      textRecord('questions', 'k', '?', 3),
    ],
    expected: { out: ['[0] k=undefined @1', '[0] k=42 @3'] },
    stores: { sums: ['[0] k=42'] },
  },
  {
    name: 'a processor may keep windows of its own, and change the store while it reads it',
    declare: fromInput((input) => {
      const windows = windowStore({ name: 'windows', key: stringSerde, value: stringSerde, cacheEntries: 2 });
      const halve = () => {
        let opened: ReturnType<typeof windows.open>;
        return {
          init: (context: ProcessorContext<string, string>) => {
            opened = context.store(windows);
            context.schedule(100, 'stream-time', (timeMs) => {
              for (const { key, windowStartMs, value } of opened.startedBefore(timeMs)) {
                if (value === 'drop') opened.delete(key, windowStartMs);
                else opened.put(`${key}'`, windowStartMs + 1_000, value);
              }
            });
          },
          process: ({ key, value, timestamp }: Text) => opened.put(key, timestamp, value),
        };
      };
      input.process(halve, { stores: [windows] });
      return [dumpWindows(windows)];
    }),
    input: [
      record('a', 'drop', 1),
      record('b', 'keep', 2),
      record('c', 'drop', 3),
      record('d', 'keep', 4),
      record('e', 'drop', 5),
      record('f', 'last', 100),
    ],
    expected: {},
    stores: {
      windows: [
        '[0] b@2="keep"',
        '[0] d@4="keep"',
        '[0] f@100="last"',
        `[0] b'@1002="keep"`,
        `[0] d'@1004="keep"`,
      ],
    },
  },
];
