import { StoreKeyError, TopologyError, dedupeStore } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withEachByteStore } from './open-byte-store.ts';

const WITHIN_MS = 100;

type Command =
  | { readonly do: 'add'; readonly id: string; readonly time: number }
  | { readonly do: 'expire'; readonly time: number; readonly max: number }
  | { readonly do: 'flush' | 'reopen' };
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      id: fc.constantFrom('a', 'b', ''),
      time: fc.nat(900),
    }),
  },
  fc.record({ do: fc.constant('expire' as const), time: fc.nat(1_200), max: fc.nat(3) }),
  fc.record({ do: fc.constantFrom('flush' as const, 'reopen' as const) }),
);

/** What the store promises, without segments' first and last sightings, caches and disks. */
class Model {
  readonly #sightings: { id: string; time: number }[] = [];
  #newest = -1;

  add(id: string, time: number): boolean {
    const segment = Math.floor(time / WITHIN_MS);
    this.#newest = Math.max(this.#newest, segment);
    const first = !this.has(id, time);
    if (segment >= this.#newest - 2) this.#sightings.push({ id, time });
    return first;
  }

  has(id: string, time: number): boolean {
    const firstKept = this.#newest - 2;
    return this.#sightings.some(
      (seen) =>
        seen.id === id &&
        Math.floor(seen.time / WITHIN_MS) >= firstKept &&
        Math.abs(seen.time - time) <= WITHIN_MS,
    );
  }
}

describe('a de-duplication store', () => {
  it('measures against every sighting it remembers, whenever it is flushed, expired or opened again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 80 }), async (commands) => {
        await withEachByteStore((bytes) => {
          const builder = dedupeStore({ name: 's', withinMs: WITHIN_MS });
          let store = builder.open(bytes);
          const model = new Model();
          for (const step of commands) {
            if (step.do === 'add') {
              expect(store.has(step.id, step.time)).toBe(model.has(step.id, step.time));
              expect(store.add(step.id, step.time)).toBe(model.add(step.id, step.time));
            } else if (step.do === 'expire') {
              expect(store.expire(step.time, step.max)).toBeLessThanOrEqual(step.max);
            } else {
              store.flush();
              if (step.do === 'reopen') store = builder.open(bytes);
            }
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  it('shrinks to its reach', async () => {
    await withEachByteStore((bytes) => {
      const store = dedupeStore({ name: 's', withinMs: WITHIN_MS }).open(bytes);
      for (let time = 0; time < 5_000; time++) {
        store.add(`id${time}`, time);
        if (time % 100 === 0) {
          store.flush();
          store.expire(time, 200);
        }
      }
      store.flush();
      store.expire(5_000, 1_000);
      expect([...bytes.range({})].length).toBeLessThanOrEqual(300);
      expect(store.has('id4999', 4_999)).toBe(true);
      expect(store.expire(5_000, 1_000)).toBe(0);
    });
  });

  it('refuses ids that are too long when they come, with a code', async () => {
    await withEachByteStore((bytes) => {
      const store = dedupeStore({ name: 'seen', withinMs: WITHIN_MS }).open(bytes);
      expect(store.add('x'.repeat(1_968), 1)).toBe(true);
      expect(() => store.add('x'.repeat(1_969), 1)).toThrow(StoreKeyError);
      expect(() => store.add('語'.repeat(657), 1)).toThrow('the store "seen"');
      store.flush();
      expect([...bytes.range({})]).toHaveLength(1);
    });
  });

  it.each([0, -1, 0.5, Number.NaN, Infinity])('cannot reach %s milliseconds', (withinMs) => {
    expect(() => dedupeStore({ name: 's', withinMs })).toThrow(TopologyError);
  });
});
