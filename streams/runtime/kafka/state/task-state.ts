import type { ByteStore } from '../../../state/byte-store.ts';
import { MemoryByteStore } from '../../../state/memory-byte-store.ts';

/** What of the topics a task's local stores already hold. */
export interface Checkpoint {
  /** By store: the offset in its changelog from which on changes are missing. */
  readonly changelogs: Readonly<Record<string, number>>;
  /** By source topic: the offset from which on records are missing, for the stores that are rebuilt from the input. */
  readonly inputs: Readonly<Record<string, number>>;
}

export const NO_CHECKPOINT: Checkpoint = Object.freeze({ changelogs: {}, inputs: {} });

/** The committed content of one task's stores on this machine, with its checkpoint: the two change together. */
export interface TaskState {
  readonly checkpoint: Checkpoint;
  store(name: string): ByteStore;
  /** Runs `write`, which changes stores, and saves the checkpoint: both or neither. */
  save(checkpoint: Checkpoint, write: () => void): void;
  close(): Promise<void>;
}

/** Where the states of an application's tasks are. */
export interface StateDirectory {
  /** The tasks that have something here. */
  kept(): readonly string[];
  /**
   * Opens a task's state; one that is damaged is discarded first, which `onDiscard` hears.
   * @param stores the names of all stores of the task
   */
  open(taskId: string, stores: readonly string[], onDiscard: (reason: string) => void): TaskState;
  /** Forgets what a task has here. Its state must be closed. */
  discard(taskId: string): void;
  close(): void;
}

/** Keeps nothing: a task that is opened again is restored from the beginning. */
export class MemoryStateDirectory implements StateDirectory {
  kept(): readonly string[] {
    return [];
  }

  open(_taskId: string, stores: readonly string[]): TaskState {
    return new MemoryTaskState(stores);
  }

  discard(): void {
    // There is nothing to forget.
  }

  close(): void {
    // There is nothing to close.
  }
}

class MemoryTaskState implements TaskState {
  readonly #stores: ReadonlyMap<string, MemoryByteStore>;
  #checkpoint: Checkpoint = NO_CHECKPOINT;

  constructor(stores: readonly string[]) {
    this.#stores = new Map(stores.map((name) => [name, new MemoryByteStore()]));
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  store(name: string): ByteStore {
    return storeNamed(this.#stores, name);
  }

  save(checkpoint: Checkpoint, write: () => void): void {
    write();
    this.#checkpoint = checkpoint;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** @throws {TypeError} for a name that the task's state was not opened with */
export function storeNamed(stores: ReadonlyMap<string, ByteStore>, name: string): ByteStore {
  const store = stores.get(name);
  if (store === undefined) throw new TypeError(`there is no store "${name}"`);
  return store;
}
