import {
  NO_HEADERS,
  StreamsBuilder,
  doubleSerde,
  keyValueStore,
  stringSerde,
  tumblingWindows,
} from '@incident-streams/streams';
import type {
  KeyValueStore,
  OutgoingRecord,
  Processor,
  ProcessorContext,
  StreamRecord,
} from '@incident-streams/streams';
import { text } from '../embedded/open-runtime.ts';
import { dumpKeyValues, dumpWindows, textRecord } from '../stream-case.ts';
import type { DeclaredCase } from '../stream-case.ts';

/** How many records the generator has, and how many it hands over at once. */
export const INPUT_RECORDS = 5_000;
export const INPUT_CHUNK = 250;

/** The record with the given number: the same one in every life of the process. */
export function inputRecord(number: number): OutgoingRecord {
  const key = `k${(number * 7_919) % 23}`;
  if (number % 97 === 0) return { ...textRecord('in', key, '', number), value: Buffer.from([0xff]) };
  const time = Math.max(number * 10 - ((number * 31) % 200), 0);
  // Every tenth comes twice.
  const id = number % 10 === 9 ? number - 1 : number;
  return textRecord('in', key, `id${id}`, time, { headers: { number: String(number) } });
}

/** What the numbering needs of a store; a broken one keeps it in memory alone. */
type Numbers = Pick<KeyValueStore<string, number>, 'get' | 'put'>;

/** Numbers the records of each key; says how many there were, every 500 ms of stream time. */
class Numbering implements Processor<string, string, string, string> {
  readonly #openNumbers: (context: ProcessorContext<string, string>) => Numbers;
  #context!: ProcessorContext<string, string>;
  #numbers!: Numbers;

  constructor(openNumbers: (context: ProcessorContext<string, string>) => Numbers) {
    this.#openNumbers = openNumbers;
  }

  init(context: ProcessorContext<string, string>): void {
    this.#context = context;
    this.#numbers = this.#openNumbers(context);
    context.schedule(500, 'stream-time', (timeMs) => {
      const value = `${this.#numbers.get('all') ?? 0} so far`;
      context.forward({ key: 'all', value, timestamp: timeMs, headers: NO_HEADERS });
      context.count('reports');
    });
  }

  process(record: StreamRecord<string, string>): void {
    const number = (this.#numbers.get(record.key) ?? 0) + 1;
    this.#numbers.put(record.key, number);
    this.#numbers.put('all', (this.#numbers.get('all') ?? 0) + 1);
    this.#context.forward({ ...record, value: `${record.value} is ${number}` });
  }
}

/**
 * Everything that holds state, over two sub-topologies: duplicates, a store with punctuations, windows, counts and
 * dead letters. `broken` keeps the numbers in memory, which no restart survives: a crash test must notice.
 */
export function crashTopology(options: { readonly broken: boolean }): DeclaredCase {
  const builder = new StreamsBuilder({ deadLetterTopic: 'dead' });
  const numbers = keyValueStore({ name: 'numbers', key: stringSerde, value: doubleSerde, cacheEntries: 5 });
  const openNumbers = (context: ProcessorContext<string, string>): Numbers => {
    if (!options.broken) return context.store(numbers);
    const inMemory = new Map<string, number>();
    return { get: (key) => inMemory.get(key), put: (key, value) => void inMemory.set(key, value) };
  };
  const numbered = builder
    .stream('in', text)
    .dedupe({ id: (_key, value) => value, withinMs: 1_000, name: 'once' })
    .process(() => new Numbering(openNumbers), { stores: [numbers], name: 'number' });
  numbered.to('numbered', text);
  const grouped = numbered.groupByKey({ ...text, name: 'by-key' });
  const windows = grouped
    .windowedBy(tumblingWindows({ sizeMs: 300, graceMs: 100 }), { emit: 'on-window-close' })
    .count({ name: 'windows' });
  windows
    .toStream()
    .map(({ key, startMs }, count) => [`${key}@${startMs}`, String(count)])
    .to('windowed', text);
  const counts = grouped.count({ name: 'counts' });
  counts.toStream().mapValues(String).to('counted', text);
  return {
    topology: builder.build(),
    stores: [dumpKeyValues(numbers), dumpWindows(windows.store), dumpKeyValues(counts.store)],
  };
}

/** One partition where the order comes from the input, three where it comes from one task before. */
export const CRASH_TOPICS = {
  in: { partitions: 1 },
  'by-key-repartition': { partitions: 3 },
  numbered: { partitions: 3 },
};
