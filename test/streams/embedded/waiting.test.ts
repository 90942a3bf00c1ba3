import { describe, expect, it } from 'vitest';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { withRuntime } from './open-runtime.ts';

const one = (value: string) => [textRecord('in', 'k', value, 1)];

describe('whenProcessed', () => {
  it('resolves at once when nothing waits, also before the start', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => runtime.whenProcessed());
  });

  it('waits for the start, and for what is produced while it waits', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, async (runtime) => {
      runtime.produce(one('first'));
      const processed = runtime.whenProcessed();
      runtime.produce(one('second'));
      runtime.start();
      await processed;
      expect(runtime.endOffset('out', 0)).toBe(2);
      expect(runtime.lag()).toBe(0);
    });
  });

  it('misses no record, whenever it comes', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, async (runtime) => {
      runtime.start();
      for (let i = 1; i <= 200; i++) {
        runtime.produce(one(String(i)));
        if (i % 3 === 0) await Promise.resolve();
        if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (i % 7 === 0) {
          await runtime.whenProcessed();
          expect(runtime.endOffset('out', 0)).toBe(i);
        }
      }
      await runtime.whenProcessed();
      expect(runtime.endOffset('out', 0)).toBe(200);
    });
  });
});
