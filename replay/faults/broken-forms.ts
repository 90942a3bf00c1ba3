import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';

/** Who finds out: the decoder cannot read the bytes, or the gate does not believe the event. */
export type RefusedBy = 'decoder' | 'gate';

/** What a broken record is made from. */
export interface BrokenSource {
  /** A sound event, under an id that no other record carries. */
  readonly event: IncidentEvent;
  readonly receivedAt: number;
  readonly maxAheadMs: number;
  readonly encode: (event: IncidentEvent) => Uint8Array;
}

/** One way in which a record can be of no use, as upstreams have really been seen to send it. */
export interface BrokenForm {
  readonly name: string;
  readonly refusedBy: RefusedBy;
  readonly make: (source: BrokenSource) => Uint8Array;
}

const dayMs = 86_400_000;
const unknownSchemaId = 0x7fff_fff0;

/** 400 million entries, zigzag, as an Avro block count: more than any heap holds. */
const hugeCount = [0x80, 0xd0, 0xac, 0xf3, 0x02];

/** One map entry `__proto__` → `x`, and the end of the map. */
const prototypeEntry = [0x02, 0x12, ...new TextEncoder().encode('__proto__'), 0x02, 0x78, 0x00];

/** Taken in turns by the replay, in this order. */
export const brokenForms: readonly BrokenForm[] = Object.freeze([
  { name: 'truncated', refusedBy: 'decoder', make: (source) => firstHalf(sound(source)) },
  { name: 'year-2099', refusedBy: 'gate', make: (source) => changed(source, { time: Date.UTC(2099, 0, 1) }) },
  {
    name: 'unknown-schema-id',
    refusedBy: 'decoder',
    make: (source) => withSchemaId(sound(source), unknownSchemaId),
  },
  { name: 'year-1970', refusedBy: 'gate', make: (source) => changed(source, { time: 0 }) },
  {
    name: 'not-avro',
    refusedBy: 'decoder',
    make: (source) => new TextEncoder().encode(JSON.stringify(source.event)),
  },
  {
    name: 'clock-ahead',
    refusedBy: 'gate',
    make: (source) => changed(source, { time: source.receivedAt + source.maxAheadMs + dayMs }),
  },
  { name: 'count-bomb', refusedBy: 'decoder', make: (source) => withAttributeBytes(source, hugeCount) },
  { name: 'slash-in-component', refusedBy: 'gate', make: (source) => changed(source, { component: 'a/b' }) },
  {
    name: 'prototype-key',
    refusedBy: 'decoder',
    make: (source) => withAttributeBytes(source, prototypeEntry),
  },
  { name: 'no-component', refusedBy: 'gate', make: (source) => changed(source, { component: '' }) },
  { name: 'empty', refusedBy: 'decoder', make: () => new Uint8Array(0) },
] satisfies BrokenForm[]);

function sound({ encode, event }: BrokenSource): Uint8Array {
  return encode(event);
}

function changed({ encode, event }: BrokenSource, change: Partial<IncidentEvent>): Uint8Array {
  return encode({ ...event, ...change });
}

/** Any strict prefix of an Avro record ends in the middle of a field. */
function firstHalf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.subarray(0, Math.ceil(bytes.length / 2)));
}

/** The schema id is the big-endian 32-bit number behind the magic byte. */
function withSchemaId(bytes: Uint8Array, id: number): Uint8Array {
  // Not slice(): that of a Node Buffer copies nothing.
  const copy = new Uint8Array(bytes);
  new DataView(copy.buffer).setUint32(1, id);
  return copy;
}

/** The attributes come last, and without any they are a single zero byte: other bytes take its place. */
function withAttributeBytes({ encode, event }: BrokenSource, attributes: readonly number[]): Uint8Array {
  const bytes = encode({ ...event, attributes: {} });
  const copy = new Uint8Array(bytes.length - 1 + attributes.length);
  copy.set(bytes.subarray(0, bytes.length - 1));
  copy.set(attributes, bytes.length - 1);
  return copy;
}
