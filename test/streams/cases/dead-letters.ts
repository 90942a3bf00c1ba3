import { DeserializationError, doubleSerde, jsonSerde, stringSerde } from '@incident-streams/streams';
import type { Processor, ProcessorContext } from '@incident-streams/streams';
import { textRecord } from '../stream-case.ts';
import type { InputRecord, StreamCase } from '../stream-case.ts';
import { fromInput, text } from './declare.ts';

const withDeadLetters = { deadLetterTopic: 'dead' };

function headersOf(
  code: string,
  message: string,
  position: { partition?: number; offset: number; topic?: string },
) {
  const { partition = 0, offset, topic = 'in' } = position;
  return (
    `__streams.errors.exception:${code}, __streams.errors.message:${message}, ` +
    `__streams.errors.topic:${topic}, __streams.errors.partition:${partition}, __streams.errors.offset:${offset}`
  );
}

const notUtf8 = (fields: Partial<InputRecord>): InputRecord => ({
  ...textRecord('in', 'k', 'v', 1),
  ...fields,
});

/** Refuses what says so, and keeps the rest. */
class Refusing implements Processor<string, string, string, string> {
  #context!: ProcessorContext<string, string>;

  init(context: ProcessorContext<string, string>): void {
    this.#context = context;
  }

  process(record: { key: string; value: string; timestamp: number; headers: [] }): void {
    if (record.value.startsWith('bad')) this.#context.deadLetter(new RangeError(`refused: ${record.value}`));
    else this.#context.forward(record);
  }
}

export const deadLetterCases: readonly StreamCase[] = [
  {
    name: 'a value that cannot be read becomes a dead letter as it came, with the reason; the others go on',
    declare: fromInput((input) => void input.to('out', text), withDeadLetters),
    input: [
      textRecord('in', 'a', 'fine', 5),
      {
        ...notUtf8({ value: Buffer.from([0xff, 0xfe]) }),
        headers: [{ name: 'trace', value: Buffer.from('t') }],
      },
      textRecord('in', 'b', 'fine too', 6),
    ],
    expected: {
      out: ['[0] a=fine @5', '[0] b=fine too @6'],
      dead: [
        `[0] k=0xfffe @1 {trace:t, ${headersOf('STREAMS_DESERIALIZATION', 'not UTF-8 text (2 bytes) (at in[0]@1)', { offset: 1 })}}`,
      ],
    },
    counters: { 'dead-letter': 1, unreadable: 1, processed: 3 },
  },
  {
    name: 'so does a key that cannot be read',
    declare: fromInput((input) => void input.to('out', text), withDeadLetters),
    input: [notUtf8({ key: Buffer.from([0xc0]) })],
    expected: {
      out: [],
      dead: [
        `[0] 0xc0=v @1 {${headersOf('STREAMS_DESERIALIZATION', 'not UTF-8 text (1 bytes) (at in[0]@0)', { offset: 0 })}}`,
      ],
    },
    counters: { 'dead-letter': 1, unreadable: 1 },
  },
  {
    name: 'so does a time before 1970, and no stream time follows from it',
    declare: fromInput((input) => void input.to('out', text), withDeadLetters),
    input: [textRecord('in', 'k', 'v', -1), textRecord('in', 'k', 'w', 0.5)],
    expected: {
      out: [],
      dead: [
        `[0] k=v @-1 {${headersOf('STREAMS_DESERIALIZATION', 'the event time -1 is no time in milliseconds since 1970 (at in[0]@0)', { offset: 0 })}}`,
        `[0] k=w @0.5 {${headersOf('STREAMS_DESERIALIZATION', 'the event time 0.5 is no time in milliseconds since 1970 (at in[0]@1)', { offset: 1 })}}`,
      ],
    },
  },
  {
    name: 'so does what an extractor cannot date',
    declare: fromInput((_input, builder) => {
      builder
        .stream('timed', {
          ...text,
          timestamp: ({ value }) => {
            if (value === 'undated') throw new DeserializationError('no time in it');
            return Number(value);
          },
        })
        .to('out', text);
    }, withDeadLetters),
    input: [
      textRecord('timed', 'k', 'undated', 3),
      textRecord('timed', 'k', '9', 3),
      textRecord('timed', 'k', 'x', 3),
    ],
    expected: {
      out: ['[0] k=9 @9'],
      dead: [
        `[0] k=undated @3 {${headersOf('STREAMS_DESERIALIZATION', 'no time in it (at timed[0]@0)', { topic: 'timed', offset: 0 })}}`,
        `[0] k=x @3 {${headersOf('STREAMS_DESERIALIZATION', 'the event time NaN is no time in milliseconds since 1970 (at timed[0]@2)', { topic: 'timed', offset: 2 })}}`,
      ],
    },
  },
  {
    name: 'a processor that refuses a record sends it to the dead letters as it was read, whatever became of it on the way',
    partitions: 2,
    declare: fromInput(
      (input) =>
        void input
          .map((key, value) => [`mapped ${key}`, value.toLowerCase()])
          .process(() => new Refusing())
          .to('out', text),
      withDeadLetters,
    ),
    input: [
      textRecord('in', 'd', 'BAD', 7, { partition: 1, headers: { trace: 't' } }),
      textRecord('in', 'd', 'GOOD', 8, { partition: 1 }),
    ],
    expected: {
      dead: [
        `[1] d=BAD @7 {trace:t, ${headersOf('RangeError', 'refused: bad', { partition: 1, offset: 0 })}}`,
      ],
    },
    counters: { 'dead-letter': 1, unreadable: 0, processed: 2 },
  },
  {
    name: 'serdes refuse what is not theirs',
    declare: fromInput((_input, builder) => {
      builder.stream('doubles', { key: stringSerde, value: doubleSerde }).mapValues(String).to('out', text);
      builder
        .stream('json', { key: stringSerde, value: jsonSerde<unknown>() })
        .mapValues((value) => JSON.stringify(value))
        .to('json-out', text);
    }, withDeadLetters),
    input: [textRecord('doubles', 'd', 'short', 1), textRecord('json', 'd', '{"a":1}', 2)],
    expected: {
      out: [],
      'json-out': ['[0] d={"a":1} @2'],
      dead: [
        `[0] d=short @1 {${headersOf('STREAMS_DESERIALIZATION', 'a double has 8 bytes, not 5 (at doubles[0]@0)', { topic: 'doubles', offset: 0 })}}`,
      ],
    },
  },
  {
    name: 'a key that no store can hold becomes a dead letter, and stops nothing',
    declare: fromInput((input) => {
      input.groupByKey(text).count({ name: 'counts' }).toStream().mapValues(String).to('out', text);
      input.dedupe({ id: (_key, value) => value, withinMs: 100, name: 'once' }).to('first', text);
    }, withDeadLetters),
    input: [
      textRecord('in', 'k'.repeat(2_000), 'v', 1),
      textRecord('in', 'k', 'v'.repeat(2_000), 2),
      textRecord('in', 'k', 'v', 3),
    ],
    expected: { out: ['[0] k=1 @2', '[0] k=2 @3'], first: ['[0] k=v @3'] },
    counters: { 'dead-letter': 2, processed: 3 },
  },
];
