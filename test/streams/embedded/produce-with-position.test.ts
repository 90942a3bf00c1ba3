import { EmbeddedStoppedError } from '@incident-streams/streams/embedded';
import { describe, expect, it } from 'vitest';
import { textRecord } from '../stream-case.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { withRuntime } from './open-runtime.ts';

describe('produce with a position', () => {
  it('stores the position together with the records, for each producer its own', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => {
      expect(runtime.producerPosition('a')).toBeUndefined();
      runtime.produce([textRecord('in', 'k', 'v', 1)], { producer: 'a', value: 17 });
      runtime.produce([], { producer: 'b', value: 0 });
      expect(runtime.producerPosition('a')).toBe(17);
    });
    await withRuntime({ directory: directory.path }, (runtime) => {
      expect(runtime.producerPosition('a')).toBe(17);
      expect(runtime.producerPosition('b')).toBe(0);
      expect(runtime.endOffset('in', 0)).toBe(1);
    });
  });

  it('stores neither when one of the records is refused', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => {
      runtime.produce([textRecord('in', 'k', 'v', 1)], { producer: 'a', value: 1 });
      const bad = [textRecord('in', 'k', 'v', 2), textRecord('in', 'k', 'v', 2, { partition: 9 })];
      expect(() => runtime.produce(bad, { producer: 'a', value: 3 })).toThrow('no partition 9');
      expect(runtime.producerPosition('a')).toBe(1);
      expect(runtime.endOffset('in', 0)).toBe(1);
    });
  });

  it('stores no record either when the position cannot be stored', async () => {
    using directory = temporaryDirectory();
    await withRuntime({ directory: directory.path }, (runtime) => {
      const position = { producer: 'a', value: 1n as unknown as number };
      expect(() => runtime.produce([textRecord('in', 'k', 'v', 1)], position)).toThrow('BigInt');
      expect(runtime.endOffset('in', 0)).toBe(0);
      runtime.produce([textRecord('in', 'k', 'v', 1)], { producer: 'a', value: 1 });
      expect(runtime.endOffset('in', 0)).toBe(1);
    });
  });

  it('is refused by a runtime that is closed', async () => {
    using directory = temporaryDirectory();
    const runtime = await withRuntime({ directory: directory.path }, (opened) => opened);
    expect(() => runtime.produce([])).toThrow(EmbeddedStoppedError);
  });
});
