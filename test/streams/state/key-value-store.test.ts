import { StoreKeyError, bytesSerde, jsonSerde, keyValueStore, stringSerde } from '@incident-streams/streams';
import type { KeyValueStore, Serde } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withEachByteStore } from './open-byte-store.ts';

const key = fc.constantFrom('', 'a', 'aa', 'b', 'é', '\u0000a', '\ud800', '\ufffd', '__proto__');
type Command =
  | { readonly do: 'put'; readonly key: string; readonly value: number }
  | { readonly do: 'delete' | 'get'; readonly key: string }
  | { readonly do: 'flush' | 'reopen' | 'entries' };
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), key, value: fc.nat(9) }),
  fc.record({ do: fc.constantFrom('delete' as const, 'get' as const), key }),
  fc.record({ do: fc.constantFrom('flush' as const, 'reopen' as const, 'entries' as const) }),
);

/** One key is one key by its UTF-8 bytes. */
const nameOf = (text: string) => Buffer.from(text).toString('hex');

describe('a key-value store', () => {
  it('is a map, however small its cache and whenever it is flushed or opened again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 60 }), fc.nat(4), async (commands, cacheEntries) => {
        await withEachByteStore((bytes) => {
          const builder = keyValueStore({
            name: 's',
            key: stringSerde,
            value: jsonSerde<number>(),
            cacheEntries,
          });
          let store = builder.open(bytes);
          const model = new Map<string, number>();
          for (const step of commands) {
            if (step.do === 'put') {
              store.put(step.key, step.value);
              model.set(nameOf(step.key), step.value);
            } else if (step.do === 'delete') {
              store.delete(step.key);
              model.delete(nameOf(step.key));
            } else if (step.do === 'get') {
              expect(store.get(step.key)).toBe(model.get(nameOf(step.key)));
            } else if (step.do === 'entries') {
              expect(contents(store)).toEqual([...model].sort());
            } else {
              store.flush();
              if (step.do === 'reopen') store = builder.open(bytes);
            }
          }
          store.flush();
          expect(contents(builder.open(bytes))).toEqual([...model].sort());
        });
      }),
      { numRuns: 60 },
    );
  });

  it('takes any key that its serde can write', async () => {
    await withEachByteStore((bytes) => {
      const store = keyValueStore({ name: 's', key: bytesSerde, value: stringSerde, cacheEntries: 1 }).open(
        bytes,
      );
      for (let i = 0; i < 256; i++) store.put(Buffer.from([i, 0]), String(i));
      for (let i = 0; i < 256; i++) expect(store.get(new Uint8Array([i, 0]))).toBe(String(i));
    });
  });

  it('may be changed while its entries are read', async () => {
    await withEachByteStore((bytes) => {
      const builder = keyValueStore({ name: 's', key: stringSerde, value: stringSerde, cacheEntries: 2 });
      const store = builder.open(bytes);
      for (let i = 0; i < 500; i++) store.put(`k${i}`, 'old');
      let seen = 0;
      for (const [k, v] of store.entries()) {
        if (v !== 'old') continue;
        seen++;
        if (seen % 2 === 0) store.delete(k);
        else store.put(`new ${k}`, 'new');
      }
      expect(seen).toBe(500);
      expect([...store.entries()]).toHaveLength(500);
    });
  });

  it('serialises a key that changes a thousand times once', async () => {
    await withEachByteStore((bytes) => {
      let written = 0;
      const counted: Serde<string> = {
        ...stringSerde,
        serialize: (text) => {
          written++;
          return stringSerde.serialize(text);
        },
      };
      const store = keyValueStore({ name: 's', key: stringSerde, value: counted }).open(bytes);
      for (let i = 0; i < 1_000; i++) store.put('k', String(i));
      store.flush();
      store.flush();
      expect(written).toBe(1);
      expect(store.get('k')).toBe('999');
    });
  });

  it('refuses a key that is too long when it is given, with a code, and keeps the others', async () => {
    await withEachByteStore((bytes) => {
      const store = keyValueStore({ name: 'names', key: stringSerde, value: stringSerde }).open(bytes);
      store.put('k', 'v');
      for (const tooLong of ['k'.repeat(1_977), 'é'.repeat(989), '語'.repeat(659)]) {
        expect(() => store.put(tooLong, 'v')).toThrow(StoreKeyError);
        expect(() => store.get(tooLong)).toThrow('the store "names" takes keys of at most 1976 bytes');
      }
      store.put('k'.repeat(1_976), 'longest');
      store.flush();
      expect([...store.entries()]).toHaveLength(2);
    });
  });
});

function contents(store: KeyValueStore<string, number>): [string, number][] {
  return Array.from(store.entries(), ([k, v]): [string, number] => [nameOf(k), v]).sort();
}
