import type { RecordPosition } from '../errors.ts';
import type { ByteStore } from './byte-store.ts';

/** What every state store can do for the task that owns it. */
export interface StateStore {
  /** Hands every change since the last flush to the store beneath. Called by the task before it commits. */
  flush(): void;
  /**
   * What a store that is rebuilt from the input has to remember for it; kept with the task's progress, and small. It is
   * handed back when the store is opened again.
   */
  rebuildNote?(): RebuildNote;
}

/**
 * How a runtime whose local copy of a store is lost gets the content back. `changelog`: every change is written to a
 * topic too. `input`: the content follows from a stretch of the input, which is read again; nothing is written, but
 * the input has to be retained for as long, and nothing that has a state of its own may lie between it and the store.
 */
export type StoreRecovery = 'changelog' | 'input';

/**
 * Where a rebuild begins: of each source topic the first offset of every stretch that is still remembered, by a number
 * that the store gives the stretch.
 */
export type RebuildNote = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What a store may know of the task that it is opened for. */
export interface StoreContext {
  /** The position of the record that is being worked on. */
  readonly position: () => RecordPosition | undefined;
  readonly rebuildNote: RebuildNote;
}

/**
 * A store as a topology declares it: its name, and how to open it over bytes. Processors get the opened store by
 * handing the same object to `context.store`, so its type is known without a cast.
 */
export interface StoreBuilder<S extends StateStore> {
  readonly name: string;
  /** Default `changelog`. */
  readonly recovery?: StoreRecovery;
  /** With `input`: how far back in event time the content may reach, in milliseconds. The input is retained as long. */
  readonly reachMs?: number;
  open(bytes: ByteStore, context?: StoreContext): S;
}
