import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { StoreCorruptedError } from '../../../errors.ts';
import type { ByteStore } from '../../../state/byte-store.ts';
import { ChecksummedByteStore } from '../../../state/lmdb/checksummed-byte-store.ts';
import { LmdbByteStore } from '../../../state/lmdb/lmdb-byte-store.ts';
import { NO_CHECKPOINT, storeNamed } from './task-state.ts';
import type { Checkpoint, TaskState } from './task-state.ts';

const FILE = 'state.lmdb';
/** There from before the file is opened until it has been checked: a file that kills its reader is not read twice. */
const CHECKING = 'checking';
const CHECKPOINT = 'checkpoint';
const CHECKPOINT_KEY = Buffer.from('checkpoint');
/**
 * Brokers let go of the mark of a deletion after a day (`delete.retention.ms`). A copy that has been away for longer
 * would keep what was deleted meanwhile.
 */
const MAX_AGE_MS = 12 * 60 * 60 * 1_000;

interface SavedCheckpoint extends Checkpoint {
  readonly savedAtMs: number;
}

export interface LmdbTaskStateOptions {
  readonly directory: string;
  readonly stores: readonly string[];
  readonly nowMs: number;
}

/**
 * A task's stores in an LMDB environment of their own, so that a damaged one can be thrown away alone.
 *
 * 1. Stores and checkpoint change in one LMDB transaction, after the Kafka transaction that they follow from.
 * 2. Nothing is read from a file before its length, the number of its entries and all their checksums were checked.
 */
export class LmdbTaskState implements TaskState {
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #stores: ReadonlyMap<string, ChecksummedByteStore>;
  readonly #saved: ChecksummedByteStore;
  #checkpoint: Checkpoint = NO_CHECKPOINT;
  #writing = false;

  private constructor(root: RootDatabase<Buffer, Buffer>, stores: readonly string[]) {
    this.#root = root;
    this.#saved = this.#storeOf(CHECKPOINT);
    this.#stores = new Map(stores.map((name) => [name, this.#storeOf(`store:${name}`)]));
  }

  /** @throws when the files are damaged or too old to be used; then they are to be discarded. */
  static open({ directory, stores, nowMs }: LmdbTaskStateOptions): LmdbTaskState {
    mkdirSync(directory, { recursive: true });
    const [path, marker] = [join(directory, FILE), join(directory, CHECKING)];
    if (existsSync(marker)) throw new StoreCorruptedError(`a process has died while it was checking ${path}`);
    writeFileSync(marker, '');
    const existed = existsSync(path);
    const root = open<Buffer, Buffer>({ path, keyEncoding: 'binary', encoding: 'binary', maxDbs: 200 });
    try {
      if (existed) assertWholeFile(root, path);
      const state = new LmdbTaskState(root, stores);
      if (existed) state.#readCheckpoint(nowMs);
      rmSync(marker);
      return state;
    } catch (error) {
      void root.close();
      throw error;
    }
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  store(name: string): ByteStore {
    return storeNamed(this.#stores, name);
  }

  save(checkpoint: Checkpoint, write: () => void): void {
    const saved: SavedCheckpoint = { ...checkpoint, savedAtMs: Date.now() };
    this.#root.transactionSync(() => {
      this.#writing = true;
      try {
        write();
        this.#saved.put(CHECKPOINT_KEY, Buffer.from(JSON.stringify(saved)));
      } finally {
        this.#writing = false;
      }
    });
    this.#checkpoint = checkpoint;
  }

  async close(): Promise<void> {
    await this.#root.flushed;
    await this.#root.close();
  }

  #readCheckpoint(nowMs: number): void {
    this.#saved.verify();
    for (const store of this.#stores.values()) store.verify();
    const bytes = this.#saved.get(CHECKPOINT_KEY);
    if (bytes === undefined) return;
    const saved = JSON.parse(Buffer.from(bytes).toString('utf8')) as SavedCheckpoint;
    if (nowMs - saved.savedAtMs > MAX_AGE_MS)
      throw new StoreCorruptedError(`it was written ${nowMs - saved.savedAtMs} ms ago`);
    this.#checkpoint = { changelogs: saved.changelogs, inputs: saved.inputs };
  }

  #storeOf(name: string): ChecksummedByteStore {
    const database: Database<Buffer, Buffer> = this.#root.openDB<Buffer, Buffer>({
      name,
      keyEncoding: 'binary',
      encoding: 'binary',
    });
    const bytes = new LmdbByteStore(database, { name, partition: 0, isWritable: () => this.#writing });
    const entries = (): number => (database.getStats() as { entryCount: number }).entryCount;
    return new ChecksummedByteStore(name, bytes, entries);
  }
}

/** Reading behind the end of a mapped file would end the process. */
function assertWholeFile(root: RootDatabase<Buffer, Buffer>, path: string): void {
  const { lastPageNumber, pageSize } = root.getStats() as { lastPageNumber: number; pageSize: number };
  const [bytes, expected] = [statSync(path).size, (lastPageNumber + 1) * pageSize];
  if (bytes < expected) throw new StoreCorruptedError(`${path} has ${bytes} bytes of ${expected}`);
}
