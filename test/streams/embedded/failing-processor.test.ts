import {
  NO_HEADERS,
  ProcessingError,
  StreamsBuilder,
  jsonSerde,
  keyValueStore,
  stringSerde,
} from '@incident-streams/streams';
import type { KeyValueStore, ProcessorContext, StreamRecord, Topology } from '@incident-streams/streams';
import { EmbeddedReentryError, EmbeddedStoppedError } from '@incident-streams/streams/embedded';
import type { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { describe, expect, it } from 'vitest';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { linesOf, openRuntime, text, withRuntime } from './open-runtime.ts';

const history = keyValueStore({ name: 'history', key: stringSerde, value: stringSerde, cacheEntries: 2 });

/** Writes down all values of each key, and fails at the value `bad` unless it is fixed. */
function rememberingAll(failure: (record: StreamRecord<string, string>) => void): Topology {
  const builder = new StreamsBuilder();
  const remember = () => {
    let context: ProcessorContext<string, string>;
    let store: KeyValueStore<string, string>;
    return {
      init: (given: ProcessorContext<string, string>) => {
        context = given;
        store = given.store(history);
      },
      process: (record: StreamRecord<string, string>) => {
        const all = (store.get(record.key) ?? '') + record.value;
        store.put(record.key, all);
        context.count('remembered');
        context.forward({ ...record, value: all });
        failure(record);
      },
    };
  };
  builder
    .stream('in', text)
    .process(remember, { stores: [history] })
    .to('out', text);
  return builder.build();
}

const failing = () =>
  rememberingAll((record) => {
    if (record.value === 'X') throw new TypeError('cannot stand X');
  });
const fixed = () => rememberingAll(() => undefined);

async function failOnce(runtime: EmbeddedRuntime): Promise<unknown> {
  runtime.start();
  runtime.produce([textRecord('in', 'a', '1', 1), textRecord('in', 'b', '2', 2)]);
  await runtime.whenProcessed();
  runtime.produce(['3', 'X', '4'].map((value, i) => textRecord('in', i === 0 ? 'c' : 'a', value, 3 + i)));
  return runtime.whenProcessed().catch((error: unknown) => error);
}

describe('a processor that throws', () => {
  it('stops the runtime, which says where and why', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path, topology: failing() }, async (runtime) => {
      const failure = await failOnce(runtime);
      expect(failure).toBeInstanceOf(ProcessingError);
      expect(failure).toMatchObject({ message: 'cannot stand X (at in[0]@3)', cause: { name: 'TypeError' } });
      await expect(runtime.whenProcessed()).rejects.toBe(failure);
      expect(() => runtime.produce([])).toThrow(EmbeddedStoppedError);
      expect(() => runtime.start()).toThrow('cannot stand X');
    });
  });

  it('leaves what was committed before, and nothing of the commit it belonged to', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path, topology: failing() }, async (runtime) => {
      await failOnce(runtime);
      expect(linesOf(runtime, 'out')).toEqual(['[0] a=1 @1', '[0] b=2 @2']);
      expect(runtime.counters()).toEqual({ '0_0': { remembered: 2, processed: 2 } });
      expect(runtime.lag()).toBe(3);
      const [store] = runtime.stores(history);
      expect([...(store?.entries() ?? [])]).toEqual([
        ['a', '1'],
        ['b', '2'],
      ]);
      expect(store?.get('c')).toBeUndefined();
    });
  });

  it('cannot reach the disk through a store that was handed out before', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path, topology: failing() }, async (runtime) => {
      const [before] = runtime.stores(history);
      await failOnce(runtime);
      try {
        void [...(before?.entries() ?? [])];
      } catch (error) {
        expect(error).toMatchObject({ code: 'STREAMS_STORE_READ_ONLY' });
      }
    });
    await withRuntime({ directory: directory.path, topology: fixed() }, (runtime) => {
      const [store] = runtime.stores(history);
      expect([...(store?.entries() ?? [])]).toEqual([
        ['a', '1'],
        ['b', '2'],
      ]);
    });
  });

  it('once fixed goes on exactly where it was', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path, topology: failing() }, failOnce);
    await withRuntime({ directory: directory.path, topology: failing() }, async (runtime) => {
      runtime.start();
      await expect(runtime.whenProcessed()).rejects.toThrow('cannot stand X (at in[0]@3)');
    });
    await withRuntime({ directory: directory.path, topology: fixed() }, async (runtime) => {
      runtime.start();
      await runtime.whenProcessed();
      expect(linesOf(runtime, 'out')).toEqual([
        '[0] a=1 @1',
        '[0] b=2 @2',
        '[0] c=3 @3',
        '[0] a=1X @4',
        '[0] a=1X4 @5',
      ]);
      expect(runtime.counters()).toEqual({ '0_0': { remembered: 5, processed: 5 } });
    });
  });

  const throwWord = () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- JavaScript allows it, so it will happen
    throw 'a word';
  };
  const throwOwn = () => {
    throw new ProcessingError('mine');
  };

  it.each([
    { what: 'something that is no error', failure: throwWord, message: 'a word (at in[0]@0)' },
    { what: 'a ProcessingError of its own', failure: throwOwn, message: 'mine (at in[0]@0)' },
  ])('may throw $what: the place is named all the same', async ({ failure, message }) => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path, topology: rememberingAll(failure) }, async (runtime) => {
      runtime.produce([textRecord('in', 'k', 'v', 1)]);
      runtime.start();
      await expect(runtime.whenProcessed()).rejects.toThrow(message);
    });
  });

  it('may be the reader of event times: what came before it is processed, and the place is named', async () => {
    using directory = temporaryDirectory();
    const builder = new StreamsBuilder();
    builder.stream('in', { ...text, timestamp: ({ value }) => value.length }).to('out', text);
    await withRuntime({ directory: directory.path, topology: builder.build() }, async (runtime) => {
      runtime.produce([textRecord('in', 'k', 'four', 1), textRecord('in', 'k', null, 2)]);
      runtime.start();
      await expect(runtime.whenProcessed()).rejects.toThrow(/null.* \(at in\[0\]@1\)/);
    });
  });

  it('without a dead-letter topic is what an unreadable record amounts to', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, async (runtime) => {
      runtime.produce([
        { topic: 'in', key: null, value: Buffer.from([0xff]), timestamp: 1, headers: NO_HEADERS },
      ]);
      runtime.start();
      await expect(runtime.whenProcessed()).rejects.toThrow(
        'not UTF-8 text (1 bytes) (at in[0]@0), and the topology has no dead-letter topic',
      );
    });
  });

  it('may be a store whose value cannot be written: it is named, with how far the commit had come', async () => {
    using directory = temporaryDirectory();
    const odd = keyValueStore({ name: 'odd', key: stringSerde, value: jsonSerde<unknown>() });
    const builder = new StreamsBuilder();
    const keep = () => {
      let store: KeyValueStore<string, unknown>;
      return {
        init: (context: ProcessorContext<string, string>) => void (store = context.store(odd)),
        process: ({ key }: StreamRecord<string, string>) => store.put(key, 1n),
      };
    };
    builder.stream('in', text).process(keep, { stores: [odd] });
    await withRuntime({ directory: directory.path, topology: builder.build() }, async (runtime) => {
      runtime.produce([textRecord('in', 'k', 'v', 1), textRecord('in', 'k', 'v', 2)]);
      runtime.start();
      await expect(runtime.whenProcessed()).rejects.toThrow(
        /^the store "odd" cannot be written: .*BigInt.* \(at in\[0\]@1 or before\)$/,
      );
    });
  });

  it('cannot produce through the runtime: it writes by forwarding', async () => {
    using directory = temporaryDirectory();
    const caught: unknown[] = [];
    const topology = rememberingAll(() => {
      try {
        runtime.produce([textRecord('in', 'k', 'again', 1)]);
      } catch (error) {
        caught.push(error);
      }
    });
    const runtime = openRuntime({ directory: directory.path, topology });
    try {
      runtime.produce([textRecord('in', 'k', 'v', 1)]);
      runtime.start();
      await runtime.whenProcessed();
      expect(caught).toEqual([expect.any(EmbeddedReentryError)]);
      expect(linesOf(runtime, 'in')).toEqual(['[0] k=v @1']);
      expect(linesOf(runtime, 'out')).toEqual(['[0] k=v @1']);
    } finally {
      await runtime.close();
    }
  });
});
