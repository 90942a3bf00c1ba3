import type {
  Headers,
  KeyValueStore,
  StateStore,
  StoreBuilder,
  Topology,
  WindowStore,
} from '@incident-streams/streams';
import { NO_HEADERS } from '@incident-streams/streams';

/**
 * A topology, what goes into it and what must come out. Every runtime runs the same cases and must give the same
 * answer, down to partitions, offsets' order, headers, counters and store contents.
 */
export interface StreamCase {
  readonly name: string;
  /** Partitions of every topic. Default 1. */
  readonly partitions?: number;
  /** Declares the topology anew, so that no run sees what another has left in a processor. */
  readonly declare: () => DeclaredCase;
  readonly input: readonly InputRecord[];
  /** The records of some topics, as `showRecord` writes them, partition after partition. */
  readonly expected: Readonly<Record<string, readonly string[]>>;
  /** Counters summed over all tasks; those that are named must have this value. */
  readonly counters?: Readonly<Record<string, number>>;
  /** The contents of the declared stores, by name. */
  readonly stores?: Readonly<Record<string, readonly string[]>>;
}

export interface DeclaredCase {
  readonly topology: Topology;
  readonly stores?: readonly StoreDump[];
}

export interface InputRecord {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly partition?: number;
  readonly headers: Headers;
}

/** Opens the stores of a builder in whatever runtime runs the case. */
export type StoreAccess = <S extends StateStore>(builder: StoreBuilder<S>) => readonly S[];

export interface StoreDump {
  readonly name: string;
  readonly dump: (access: StoreAccess) => string[];
}

interface InputOptions {
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A record with text for key and value; null is no key, or a tombstone. */
export function textRecord(
  topic: string,
  key: string | null,
  value: string | null,
  timestamp: number,
  options: InputOptions = {},
): InputRecord {
  const headers = Object.entries(options.headers ?? {}).map(([name, text]) => ({
    name,
    value: Buffer.from(text),
  }));
  return {
    topic,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestamp,
    headers: headers.length === 0 ? NO_HEADERS : headers,
    ...(options.partition === undefined ? {} : { partition: options.partition }),
  };
}

export function dumpKeyValues<K, V>(builder: StoreBuilder<KeyValueStore<K, V>>): StoreDump {
  return {
    name: builder.name,
    dump: (access) =>
      access(builder).flatMap((store, partition) =>
        Array.from(
          store.entries(),
          ([key, value]) => `[${partition}] ${String(key)}=${JSON.stringify(value)}`,
        ),
      ),
  };
}

export function dumpWindows<K, V>(builder: StoreBuilder<WindowStore<K, V>>): StoreDump {
  return {
    name: builder.name,
    dump: (access) =>
      access(builder).flatMap((store, partition) =>
        Array.from(
          store.startedBefore(Number.MAX_SAFE_INTEGER),
          ({ key, windowStartMs, value }) =>
            `[${partition}] ${String(key)}@${windowStartMs}=${JSON.stringify(value)}`,
        ),
      ),
  };
}
