import { brokenForms } from '../../../replay/faults/broken-forms.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import type { Serdes } from '../../../schemas/serdes.ts';

/** A record of no use, and what people are to read about it. */
export interface BadRecord {
  readonly name: string;
  readonly value: Uint8Array;
  readonly reason: RegExp;
}

/** What the reason for each of the replay's broken forms has to say. */
const REASONS: Readonly<Record<string, RegExp>> = {
  truncated: /IncidentEvent\.time is cut off/,
  'year-2099': /time 2099-01-01T00:00:00.000Z lies .* beyond its receipt/,
  'unknown-schema-id': /Schema id \d+ is unknown/,
  'year-1970': /time 1970-01-01T00:00:00.000Z is implausible, before 2000/,
  'not-avro': /begins with byte 123 is not in the Confluent wire format/,
  'clock-ahead': /beyond its receipt at .*, at most 5 min/,
  'count-bomb': /attributes claims 389,387,264 entries, 0 bytes are left/,
  'slash-in-component': /component 'a\/b' contains a slash/,
  'prototype-key': /attributes has the key "__proto__", which is not allowed/,
  'no-component': /component is empty/,
  empty: /record of 0 bytes is too short/,
};

/** Every way in which a record is refused, made from an event that is sound at `receivedAt`. */
export function badRecords(event: IncidentEvent, receivedAt: number, serdes: Serdes): BadRecord[] {
  const encode = (sound: IncidentEvent): Uint8Array => serdes.incidentEvent.serialize(sound);
  const unseen = { ...event, id: `bad-${event.id}` };
  const changed = (change: Partial<IncidentEvent>): Uint8Array => encode({ ...unseen, ...change });
  const forms = brokenForms.map(({ name, make }) => ({
    name,
    value: make({ event: unseen, receivedAt, maxAheadMs: 300_000, encode }),
    reason: REASONS[name] ?? /no reason is expected of this form: name one/,
  }));
  return [
    ...forms,
    {
      name: 'bytes-behind-the-end',
      value: Buffer.concat([encode(unseen), Buffer.from('more')]),
      reason: /ends 4 bytes before the record does/,
    },
    {
      name: 'another-type',
      value: serdes.tick.serialize({ id: 'tick', time: receivedAt, reason: 'none' }),
      reason: /Tick\) cannot be read as IncidentEvent/,
    },
    {
      name: 'long-summary',
      value: changed({ summary: 'x'.repeat(10_000) }),
      reason: /summary has 10000 characters, at most 8192/,
    },
    {
      name: 'long-string',
      value: withSummary(unseen, 'x'.repeat(100_000), encode),
      reason: /summary holds 100,000 bytes, at most 65,536/,
    },
    { name: 'not-a-number', value: changed({ value: NaN }), reason: /value is NaN, not a finite number/ },
    {
      name: 'sample-without-value',
      value: changed({ kind: 'SAMPLE', value: null }),
      reason: /value is missing, and a SAMPLE is nothing without it/,
    },
    { name: 'no-id', value: changed({ id: '' }), reason: /id is empty/ },
  ];
}

/** 10 MB of summary: more than any record may have. */
export function hugeRecord(event: IncidentEvent, serdes: Serdes): BadRecord {
  const encode = (sound: IncidentEvent): Uint8Array => serdes.incidentEvent.serialize(sound);
  return {
    name: 'ten-megabytes',
    value: withSummary(event, 'x'.repeat(10_000_000), encode),
    reason: /takes 10,\d{3},\d{3} bytes, at most 1,048,576/,
  };
}

const PLACEHOLDER = 'placeholder';

/** An encoder that keeps to the limits does not write such a text: it is put into the bytes by hand. */
function withSummary(
  event: IncidentEvent,
  summary: string,
  encode: (event: IncidentEvent) => Uint8Array,
): Uint8Array {
  const bytes = Buffer.from(encode({ ...event, summary: PLACEHOLDER }));
  const at = bytes.indexOf(PLACEHOLDER);
  const length = Buffer.from(avroLong(summary.length));
  const rest = bytes.subarray(at + PLACEHOLDER.length);
  // The length of a text this short is one byte.
  return Buffer.concat([bytes.subarray(0, at - 1), length, Buffer.from(summary), rest]);
}

/** Zigzag, then seven bits a byte, the lowest first. */
function avroLong(value: number): number[] {
  const bytes: number[] = [];
  let left = value * 2;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}
