import type { SinkRecord } from '@incident-streams/streams';
import { columnsOf } from './column.ts';
import { defineTable } from './table.ts';
import type { Row, Table } from './table.ts';

/** A record of the dead-letter topic. What its headers do not say is null: anybody may have written it. */
export interface DeadLetter {
  readonly sourceTopic: string | null;
  readonly sourcePartition: number | null;
  readonly sourceOffset: number | null;
  readonly code: string | null;
  readonly message: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Of several headers with one name the last. */
  readonly headers: ReadonlyMap<string, Uint8Array>;
}

/** What KIP-1034 puts before the names of the headers that say why a record is dead. */
const PREFIX = '__streams.errors.';
const decoder = new TextDecoder();

export function deadLetterOf(record: SinkRecord<Uint8Array | null, Uint8Array>): DeadLetter {
  const headers = new Map(record.headers.map(({ name, value }) => [name, value]));
  const text = (name: string): string | null => {
    const bytes = headers.get(PREFIX + name);
    return bytes === undefined ? null : decoder.decode(bytes);
  };
  return {
    sourceTopic: text('topic'),
    sourcePartition: wholeNumber(text('partition'), 2 ** 32 - 1),
    sourceOffset: wholeNumber(text('offset'), Number.MAX_SAFE_INTEGER),
    code: text('exception'),
    message: text('message'),
    at: record.timestamp,
    key: record.key,
    value: record.value,
    headers,
  };
}

function wholeNumber(text: string | null, max: number): number | null {
  const number = text !== null && /^\d+$/.test(text) ? Number(text) : Infinity;
  return number <= max ? number : null;
}

const { bytesMap, nullableBytes, nullableString, nullableUint32, nullableUint64, time } =
  columnsOf<Row<DeadLetter>>();

/** What could not be used, as it came, with the reason and the place it comes from. */
export const DEAD_LETTER_TABLE: Table<DeadLetter> = defineTable('dead_letter_log', [
  nullableString('source_topic', ({ value }) => value.sourceTopic),
  nullableUint32('source_partition', ({ value }) => value.sourcePartition),
  nullableUint64('source_offset', ({ value }) => value.sourceOffset),
  nullableString('code', ({ value }) => value.code),
  nullableString('message', ({ value }) => value.message),
  time('at', ({ value }) => value.at),
  nullableBytes('key', ({ value }) => value.key),
  nullableBytes('value', ({ value }) => value.value),
  bytesMap('headers', ({ value }) => value.headers),
]);
