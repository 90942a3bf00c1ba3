import type { ByteStore } from './byte-store.ts';

/** What every state store can do for the task that owns it. */
export interface StateStore {
  /** Hands every change since the last flush to the store beneath. Called by the task before it commits. */
  flush(): void;
}

/**
 * A store as a topology declares it: its name, and how to open it over bytes. Processors get the opened store by
 * handing the same object to `context.store`, so its type is known without a cast.
 */
export interface StoreBuilder<S extends StateStore> {
  readonly name: string;
  open(bytes: ByteStore): S;
}
