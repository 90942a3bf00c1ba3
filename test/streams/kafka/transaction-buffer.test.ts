import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryByteStore } from '../../../streams/state/memory-byte-store.ts';
import type { ByteStore } from '../../../streams/state/byte-store.ts';
import { TransactionBuffer } from '../../../streams/runtime/kafka/state/transaction-buffer.ts';

type Step =
  | { readonly do: 'put'; readonly key: string; readonly value: string }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'seal' | 'apply' };

const key = fc.constantFrom('a', 'aa', 'b', 'c', 'd', '\u00ff');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), key, value: fc.string({ maxLength: 2 }) }),
  fc.record({ do: fc.constant('delete' as const), key }),
  fc.record({ do: fc.constantFrom('seal' as const, 'apply' as const) }),
);

function contents(store: ByteStore, bounds: { from?: string; to?: string; limit?: number } = {}): string[] {
  const { from, to, limit } = bounds;
  const range = store.range({
    ...(from === undefined ? {} : { from: Buffer.from(from) }),
    ...(to === undefined ? {} : { to: Buffer.from(to) }),
    ...(limit === undefined ? {} : { limit }),
  });
  return Array.from(range, (entry) => `${text(entry.key)}=${text(entry.value)}`);
}

const show = (bytes: Uint8Array | undefined): string | undefined => bytes && text(bytes);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('a transaction buffer', () => {
  it('reads as if every change had been made, in whatever layer it lies', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.record({ from: key, to: key, limit: fc.nat(4) }, { requiredKeys: [] }),
        (steps, bounds) => {
          const model = new MemoryByteStore();
          const buffer = new TransactionBuffer('s', new MemoryByteStore());
          let sealed = false;
          for (const one of steps) {
            if (one.do === 'seal') {
              if (sealed) buffer.apply();
              buffer.seal();
              sealed = true;
            } else if (one.do === 'apply') {
              if (sealed) buffer.apply();
              sealed = false;
            } else if (one.do === 'put') {
              for (const store of [model, buffer]) store.put(Buffer.from(one.key), Buffer.from(one.value));
            } else if (one.do === 'delete') {
              for (const store of [model, buffer]) store.delete(Buffer.from(one.key));
            }
            for (const name of ['a', 'c']) {
              expect(show(buffer.get(Buffer.from(name)))).toBe(show(model.get(Buffer.from(name))));
            }
          }
          expect(contents(buffer, bounds)).toEqual(contents(model, bounds));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('lets nothing reach the bytes beneath before the transaction is applied', () => {
    const committed = new MemoryByteStore();
    const buffer = new TransactionBuffer('s', committed);
    buffer.put(Buffer.from('a'), Buffer.from('1'));
    buffer.seal();
    buffer.put(Buffer.from('a'), Buffer.from('2'));
    expect(contents(committed)).toEqual([]);
    buffer.apply();
    expect(contents(committed)).toEqual(['a=1']);
    expect(contents(buffer)).toEqual(['a=2']);
  });

  it('hands over the changes of a transaction, the last of each key', () => {
    const buffer = new TransactionBuffer('s', new MemoryByteStore());
    buffer.put(Buffer.from('a'), Buffer.from('1'));
    buffer.put(Buffer.from('b'), Buffer.from('1'));
    buffer.put(Buffer.from('a'), Buffer.from('2'));
    buffer.delete(Buffer.from('b'));
    buffer.seal();
    const changes = buffer
      .sealed()
      .map(({ key: name, value }) => [text(name), value === null ? null : text(value)]);
    expect(changes).toEqual([
      ['a', '2'],
      ['b', null],
    ]);
    buffer.apply();
    buffer.seal();
    expect(buffer.sealed()).toEqual([]);
  });
});
