import { EmbeddedStoppedError } from '@incident-streams/streams/embedded';
import { describe, expect, it } from 'vitest';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { counting, linesOf, openRuntime, withRuntime } from './open-runtime.ts';

const many = Array.from({ length: 20_000 }, (_, i) => textRecord('in', `k${i % 7}`, 'v', i));

describe('close', () => {
  it('may come at any moment: what was not processed waits for the next start', async () => {
    using directory = temporaryDirectory();
    const { topology, counts } = counting();
    for (let round = 0; round < 5; round++) {
      const runtime = openRuntime({ directory: directory.path, topology, maxCommitMs: 1 });
      runtime.start();
      runtime.produce(many.slice(round * 4_000, (round + 1) * 4_000));
      for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve));
      await runtime.close();
    }
    await withRuntime({ directory: directory.path, topology }, async (runtime) => {
      runtime.start();
      await runtime.whenProcessed();
      expect(runtime.counters()).toEqual({ '0_0': { processed: 20_000 } });
      const [store] = runtime.stores(counts.store);
      expect(store?.get('k0')).toBe(Math.ceil(20_000 / 7));
    });
  });

  it('ends every wait', async () => {
    using directory = temporaryDirectory();
    const runtime = openRuntime({ directory: directory.path });
    runtime.produce([textRecord('in', 'k', 'v', 1)]);
    const waiting = runtime.whenProcessed().catch((error: unknown) => error);
    await runtime.close();
    expect(await waiting).toBeInstanceOf(EmbeddedStoppedError);
    await expect(runtime.whenProcessed()).rejects.toBeInstanceOf(EmbeddedStoppedError);
    await expect(runtime.whenSinksCaughtUp()).rejects.toBeInstanceOf(EmbeddedStoppedError);
  });

  it('called twice is done when both calls say so', async () => {
    using directory = temporaryDirectory();
    const runtime = openRuntime({ directory: directory.path });
    void runtime.close();
    await runtime.close();
    await withRuntime({ directory: directory.path }, () => undefined);
  });

  it('makes reading an error with a code, not a crash', async () => {
    using directory = temporaryDirectory();
    const runtime = await withRuntime({ directory: directory.path }, (opened) => {
      opened.produce([textRecord('in', 'k', 'v', 1)]);
      return opened;
    });
    expect(() => linesOf(runtime, 'in')).toThrow(EmbeddedStoppedError);
    expect(() => runtime.endOffset('in', 0)).toThrow(EmbeddedStoppedError);
    expect(() => runtime.lag()).toThrow(EmbeddedStoppedError);
    expect(() => runtime.counters()).toThrow(EmbeddedStoppedError);
    expect(() => runtime.producerPosition('p')).toThrow(EmbeddedStoppedError);
    expect(() => runtime.start()).toThrow(EmbeddedStoppedError);
    expect(() => runtime.advanceWallClock()).toThrow(EmbeddedStoppedError);
  });

  it('while a reader is half way through a topic ends the reading with that error', async () => {
    using directory = temporaryDirectory();
    const runtime = openRuntime({ directory: directory.path });
    for (let i = 0; i < 3; i++) runtime.produce([textRecord('in', 'k', 'v', i)]);
    const reader = runtime.records('in', 0)[Symbol.iterator]();
    reader.next();
    await runtime.close();
    expect(() => {
      while (reader.next().done !== true);
    }).toThrow(EmbeddedStoppedError);
  });
});
