import { NO_HEADERS } from '@incident-streams/streams';
import type { LogRecord } from '@incident-streams/streams';
import { WIRE_HEADER_BYTES, writeWireHeader } from '../../schemas/wire-format.ts';

export function logRecord(value: Uint8Array | null): LogRecord {
  return {
    topic: 'incident.events',
    partition: 0,
    offset: 0,
    timestamp: 0,
    key: null,
    value,
    headers: NO_HEADERS,
  };
}

/** A record that says that it was written with the schema. */
export function recordOfId(schemaId: number, body: Uint8Array = new Uint8Array()): LogRecord {
  const value = Buffer.concat([Buffer.alloc(WIRE_HEADER_BYTES), body]);
  writeWireHeader(value, 0, schemaId);
  return logRecord(value);
}
