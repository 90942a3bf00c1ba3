import type { NativeWriter } from './native-writer.ts';

/** A column of a table: its name, the type its values are sent as, and how it writes them for a number of rows. */
export interface Column<R> {
  readonly name: string;
  /** ClickHouse turns it into the table's own type, a LowCardinality(String) for a String. */
  readonly type: string;
  readonly write: (out: NativeWriter, rows: readonly R[]) => void;
}

const TIME = "DateTime64(3, 'UTC')";

type Scalar<R, T> = (name: string, valueOf: (row: R) => T) => Column<R>;

/** The kinds of column for rows of type `R`. A nullable one sends which values are NULL, then all of them. */
export interface Columns<R> {
  readonly string: Scalar<R, string>;
  readonly nullableString: Scalar<R, string | null>;
  /** Bytes of any kind, as a String. */
  readonly nullableBytes: Scalar<R, Uint8Array | null>;
  readonly uint32: Scalar<R, number>;
  readonly nullableUint32: Scalar<R, number | null>;
  readonly uint64: Scalar<R, number>;
  readonly nullableUint64: Scalar<R, number | null>;
  readonly float64: Scalar<R, number>;
  readonly nullableFloat64: Scalar<R, number | null>;
  /** Milliseconds since the epoch. */
  readonly time: Scalar<R, number>;
  readonly nullableTime: Scalar<R, number | null>;
  readonly stringMap: Scalar<R, Readonly<Record<string, string>>>;
  readonly bytesMap: Scalar<R, ReadonlyMap<string, Uint8Array>>;
}

export function columnsOf<R>(): Columns<R> {
  return {
    string: (name, valueOf) => column(name, 'String', valueOf, writeString),
    nullableString: (name, valueOf) => nullable(name, 'String', valueOf, writeString, ''),
    nullableBytes: (name, valueOf) => nullable(name, 'String', valueOf, writeBytes, NO_BYTES),
    uint32: (name, valueOf) => column(name, 'UInt32', valueOf, writeUint32),
    nullableUint32: (name, valueOf) => nullable(name, 'UInt32', valueOf, writeUint32, 0),
    uint64: (name, valueOf) => column(name, 'UInt64', valueOf, writeInt64),
    nullableUint64: (name, valueOf) => nullable(name, 'UInt64', valueOf, writeInt64, 0),
    float64: (name, valueOf) => column(name, 'Float64', valueOf, writeFloat64),
    nullableFloat64: (name, valueOf) => nullable(name, 'Float64', valueOf, writeFloat64, 0),
    time: (name, valueOf) => column(name, TIME, valueOf, writeInt64),
    nullableTime: (name, valueOf) => nullable(name, TIME, valueOf, writeInt64, 0),
    stringMap: (name, valueOf) => map(name, (row) => Object.entries(valueOf(row)), writeString),
    bytesMap: (name, valueOf) => map(name, (row) => [...valueOf(row)], writeBytes),
  };
}

const NO_BYTES = new Uint8Array();

type WriteValue<T> = (out: NativeWriter, value: T) => void;

const writeString: WriteValue<string> = (out, value) => out.string(value);
const writeBytes: WriteValue<Uint8Array> = (out, value) => out.blob(value);
const writeUint32: WriteValue<number> = (out, value) => out.uint32(value);
const writeInt64: WriteValue<number> = (out, value) => out.int64(value);
const writeFloat64: WriteValue<number> = (out, value) => out.float64(value);

function column<R, T>(name: string, type: string, valueOf: (row: R) => T, write: WriteValue<T>): Column<R> {
  return {
    name,
    type,
    write: (out, rows) => {
      for (const row of rows) write(out, valueOf(row));
    },
  };
}

function nullable<R, T>(
  name: string,
  type: string,
  valueOf: (row: R) => T | null,
  write: WriteValue<T>,
  placeholder: T,
): Column<R> {
  return {
    name,
    type: `Nullable(${type})`,
    write: (out, rows) => {
      for (const row of rows) out.uint8(valueOf(row) === null ? 1 : 0);
      for (const row of rows) write(out, valueOf(row) ?? placeholder);
    },
  };
}

/** Where each map ends, counted in entries; then all keys; then all values. */
function map<R, T>(
  name: string,
  entriesOf: (row: R) => readonly (readonly [string, T])[],
  write: WriteValue<T>,
): Column<R> {
  return {
    name,
    type: 'Map(String, String)',
    write: (out, rows) => {
      const maps = rows.map(entriesOf);
      let end = 0;
      for (const entries of maps) out.int64((end += entries.length));
      for (const entries of maps) for (const [key] of entries) out.string(key);
      for (const entries of maps) for (const [, value] of entries) write(out, value);
    },
  };
}
