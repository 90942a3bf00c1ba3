import { describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { withRuntime } from './open-runtime.ts';

const one = (value: string) => [textRecord('in', 'k', value, 1)];

describe('a commit listener', () => {
  it('hears of what was produced and of what was processed, until it ends that', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, async (runtime) => {
      const ends: number[] = [];
      const end = runtime.onCommit(() => ends.push(runtime.endOffset('out', 0)));
      runtime.produce(one('1'));
      expect(ends).toEqual([0]);
      runtime.start();
      await runtime.whenProcessed();
      expect(ends).toEqual([0, 1]);
      end();
      runtime.produce(one('2'));
      await runtime.whenProcessed();
      expect(ends).toEqual([0, 1]);
    });
  });

  it('may produce: it hears of that commit too, afterwards', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, async (runtime) => {
      runtime.start();
      let depth = 0;
      let deepest = 0;
      runtime.onCommit(() => {
        depth++;
        deepest = Math.max(deepest, depth);
        if (runtime.endOffset('in', 0) < 100) runtime.produce(one('more'));
        depth--;
      });
      runtime.produce(one('first'));
      await eventually(() => expect(runtime.endOffset('out', 0)).toBe(100));
      expect(deepest).toBe(1);
    });
  });

  it('that throws neither undoes the commit nor keeps the others from hearing of it', async () => {
    using directory = temporaryDirectory();
    const uncaught: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      await withRuntime({ directory: directory.path }, async (runtime) => {
        const failure = new Error('a listener’s own');
        let heard = 0;
        const end = runtime.onCommit(() => {
          throw failure;
        });
        runtime.onCommit(() => heard++);
        expect(runtime.produce(one('1'))).toEqual([{ partition: 0, offset: 0 }]);
        expect(heard).toBe(1);
        runtime.start();
        await runtime.whenProcessed();
        expect(heard).toBe(2);
        end();
        await eventually(() => expect(uncaught).toEqual([failure, failure]));
      });
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });
});
