import { StoreKeyError, jsonSerde, stringSerde, windowStore } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withEachByteStore } from './open-byte-store.ts';

const key = fc.constantFrom('', 'a', 'aa', 'b', 'é');
const start = fc.constantFrom(0, 10, 0xffff_ffff, 0x1_0000_0000, 0x1_0000_000a);
type Command =
  | { readonly do: 'put'; readonly key: string; readonly start: number; readonly value: number }
  | { readonly do: 'delete' | 'get'; readonly key: string; readonly start: number }
  | { readonly do: 'flush' | 'reopen' }
  | { readonly do: 'before'; readonly start: number };
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), key, start, value: fc.nat(9) }),
  fc.record({ do: fc.constantFrom('delete' as const, 'get' as const), key, start }),
  fc.record({ do: fc.constantFrom('flush' as const, 'reopen' as const) }),
  fc.record({ do: fc.constant('before' as const), start }),
);

interface Window {
  readonly key: string;
  readonly windowStartMs: number;
  readonly value: number;
}

const byStartThenKey = (left: Window, right: Window) =>
  left.windowStartMs - right.windowStartMs || Buffer.compare(Buffer.from(left.key), Buffer.from(right.key));

describe('a window store', () => {
  it('is a map of windows in the order of time, however small its cache and whenever it is opened again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 60 }), fc.nat(4), async (commands, cacheEntries) => {
        await withEachByteStore((bytes) => {
          const builder = windowStore({
            name: 's',
            key: stringSerde,
            value: jsonSerde<number>(),
            cacheEntries,
          });
          let store = builder.open(bytes);
          const model = new Map<string, Window>();
          const ordered = () => [...model.values()].sort(byStartThenKey);
          for (const step of commands) {
            if (step.do === 'put') {
              store.put(step.key, step.start, step.value);
              model.set(`${step.start} ${step.key}`, {
                key: step.key,
                windowStartMs: step.start,
                value: step.value,
              });
            } else if (step.do === 'delete') {
              store.delete(step.key, step.start);
              model.delete(`${step.start} ${step.key}`);
            } else if (step.do === 'get') {
              expect(store.get(step.key, step.start)).toBe(model.get(`${step.start} ${step.key}`)?.value);
            } else if (step.do === 'before') {
              expect([...store.startedBefore(step.start)]).toEqual(
                ordered().filter((window) => window.windowStartMs < step.start),
              );
              expect(store.oldestStart()).toBe(ordered()[0]?.windowStartMs);
            } else {
              store.flush();
              if (step.do === 'reopen') store = builder.open(bytes);
            }
          }
          store.flush();
          expect([...builder.open(bytes).startedBefore(Number.MAX_SAFE_INTEGER)]).toEqual(ordered());
        });
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a key that is too long beside its time', async () => {
    await withEachByteStore((bytes) => {
      const store = windowStore({ name: 's', key: stringSerde, value: stringSerde }).open(bytes);
      store.put('k'.repeat(1_968), 0, 'fits');
      expect(() => store.put('k'.repeat(1_969), 0, 'v')).toThrow(StoreKeyError);
      store.flush();
      expect(store.oldestStart()).toBe(0);
    });
  });
});
