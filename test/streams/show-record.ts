import type { LogRecord } from '@incident-streams/streams';

/** A record as one line that people can write by hand: `[partition] key=value @timestamp {header:value}`. */
export function showRecord(record: LogRecord): string {
  const headers = record.headers.map(({ name, value }) => `${name}:${showBytes(value)}`).join(', ');
  const tail = headers === '' ? '' : ` {${headers}}`;
  return `[${record.partition}] ${showBytes(record.key)}=${showBytes(record.value)} @${record.timestamp}${tail}`;
}

/** Printable ASCII as it is, other bytes in hexadecimal, no bytes at all as `null`. */
function showBytes(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null';
  const text = Buffer.from(bytes).toString('latin1');
  return /^[\x20-\x7e]*$/.test(text) ? text : `0x${Buffer.from(bytes).toString('hex')}`;
}
