import { open } from 'lmdb';
import { LmdbByteStore } from '../../../streams/state/lmdb/lmdb-byte-store.ts';
import { MemoryByteStore } from '../../../streams/state/memory-byte-store.ts';
import type { ByteStore } from '../../../streams/state/byte-store.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** Byte stores over one LMDB database, each partition its own, outside of any runtime: every write is a transaction. */
export function lmdbStores(): AsyncDisposable & { readonly store: (partition: number) => LmdbByteStore } {
  const directory = temporaryDirectory();
  const root = open<Buffer, Buffer>({
    path: `${directory.path}/stores.lmdb`,
    keyEncoding: 'binary',
    encoding: 'binary',
    maxDbs: 10,
    noSync: true,
  });
  const database = root.openDB<Buffer, Buffer>({ name: 'store', keyEncoding: 'binary', encoding: 'binary' });
  return {
    store: (partition) => new LmdbByteStore(database, { name: 'test', partition, isWritable: () => true }),
    [Symbol.asyncDispose]: async () => {
      await root.close();
      directory[Symbol.dispose]();
    },
  };
}

/** The kinds of byte store that must behave alike, each of them empty. */
export async function withEachByteStore(
  check: (store: ByteStore, kind: string) => void | Promise<void>,
): Promise<void> {
  await check(new MemoryByteStore(), 'memory');
  await using stores = lmdbStores();
  await check(stores.store(0), 'LMDB');
}
