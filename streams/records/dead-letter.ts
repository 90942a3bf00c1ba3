import type { Header, LogRecord, OutgoingRecord } from './record.ts';

const encoder = new TextEncoder();

/**
 * The record as it came, with the reason in its headers. Their names are those of KIP-1034. A stack trace is left
 * out: it tells about this program, not about the record.
 */
export function deadLetterOf(topic: string, record: LogRecord, reason: Error): OutgoingRecord {
  const code = 'code' in reason && typeof reason.code === 'string' ? reason.code : reason.name;
  const headers: Header[] = [
    ...record.headers,
    header('__streams.errors.exception', code),
    header('__streams.errors.message', reason.message),
    header('__streams.errors.topic', record.topic),
    header('__streams.errors.partition', String(record.partition)),
    header('__streams.errors.offset', String(record.offset)),
  ];
  return { topic, timestamp: record.timestamp, key: record.key, value: record.value, headers };
}

function header(name: string, value: string): Header {
  return { name, value: encoder.encode(value) };
}
