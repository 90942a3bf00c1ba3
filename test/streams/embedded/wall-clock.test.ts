import {
  NO_HEADERS,
  StreamsBuilder,
  doubleSerde,
  keyValueStore,
  stringSerde,
} from '@incident-streams/streams';
import type { KeyValueStore, ProcessorContext, Topology } from '@incident-streams/streams';
import { TopologyTestDriver } from '@incident-streams/streams/test-driver';
import { describe, expect, it } from 'vitest';
import { showRecord } from '../show-record.ts';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { linesOf, text, withRuntime } from './open-runtime.ts';

const calls = keyValueStore({ name: 'calls', key: stringSerde, value: doubleSerde });

/** Counts its wall-clock punctuations in a store and says so; fails at the wall-clock time `failAtMs`. */
function ticking(failAtMs = Infinity): Topology {
  const builder = new StreamsBuilder();
  const tick = () => {
    let context: ProcessorContext<string, string>;
    let store: KeyValueStore<string, number>;
    return {
      init: (given: ProcessorContext<string, string>) => {
        context = given;
        store = given.store(calls);
        given.schedule(1_000, 'wall-clock-time', (timeMs) => {
          const count = (store.get('calls') ?? 0) + 1;
          store.put('calls', count);
          context.count('ticks');
          const value = `${count} at ${timeMs}, position ${context.position()?.offset}`;
          context.forward({ key: 'tick', value, timestamp: 7, headers: NO_HEADERS });
          if (timeMs >= failAtMs) throw new Error('too late');
        });
      },
      process: () => undefined,
    };
  };
  builder
    .stream('in', text)
    .process(tick, { stores: [calls] })
    .to('out', text);
  return builder.build();
}

describe('wall-clock punctuations', () => {
  it('run in the test driver when its clock passes a multiple of the interval', () => {
    const driver = new TopologyTestDriver(ticking());
    driver.advanceWallClock(999);
    expect(driver.bytesOf('out')).toEqual([]);
    driver.advanceWallClock(1);
    driver.pipeBytes(textRecord('in', 'k', 'v', 5));
    driver.advanceWallClock(3_500);
    expect(driver.bytesOf('out').map(showRecord)).toEqual([
      '[0] tick=1 at 1000, position undefined @7',
      '[0] tick=2 at 4500, position undefined @7',
    ]);
  });

  it('run in the embedded runtime when it is told that time has passed, and are committed with all they did', async () => {
    using directory = temporaryDirectory();
    let nowMs = 10_500;
    const options = { directory: directory.path, topology: ticking(), now: () => nowMs };
    await withRuntime(options, (runtime) => {
      runtime.advanceWallClock();
      expect(linesOf(runtime, 'out')).toEqual([]);
      nowMs = 11_000;
      runtime.advanceWallClock();
      runtime.advanceWallClock();
    });
    await withRuntime(options, (runtime) => {
      expect(linesOf(runtime, 'out')).toEqual(['[0] tick=1 at 11000, position undefined @7']);
      expect(runtime.stores(calls)[0]?.get('calls')).toBe(1);
      expect(runtime.counters()).toEqual({ '0_0': { ticks: 1, processed: 0 } });
      nowMs = 12_345;
      runtime.advanceWallClock();
      expect(runtime.stores(calls)[0]?.get('calls')).toBe(2);
    });
  });

  it('that throw stop the runtime, and nothing of what they did stays', async () => {
    using directory = temporaryDirectory();
    let nowMs = 0;
    const options = { directory: directory.path, topology: ticking(1_500), now: () => nowMs };
    await withRuntime(options, async (runtime) => {
      nowMs = 1_000;
      runtime.advanceWallClock();
      nowMs = 2_000;
      expect(() => runtime.advanceWallClock()).toThrow('too late');
      await expect(runtime.whenProcessed()).rejects.toThrow('too late');
      expect(() => runtime.produce([])).toThrow('too late');
      expect(runtime.stores(calls)[0]?.get('calls')).toBe(1);
      expect(linesOf(runtime, 'out')).toHaveLength(1);
    });
  });
});
