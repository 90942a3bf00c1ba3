import { createAvroSerde } from './avro-serde.ts';
import type { AvroSerdeOptions } from './avro-serde.ts';
import type { IncidentEvent } from './generated/IncidentEvent.ts';
import { WIRE_HEADER_BYTES, writeWireHeader } from './wire-format.ts';

/**
 * Reads an event that an upstream system wrote in Avro: in the Confluent wire format, which begins with a zero, or as
 * the bare value in the current schema. The two cannot be mistaken for each other: a bare value that begins with a zero
 * would be an event whose id is empty, and there is none.
 *
 * The reader throws a {@link DeserializationError} when the bytes hold no event. It does not look at what the fields
 * hold.
 */
export function createAvroEventReader(options: AvroSerdeOptions): (bytes: Uint8Array) => IncidentEvent {
  const serde = createAvroSerde('IncidentEvent', options);
  const currentId = options.registry.idOf('IncidentEvent');
  return (bytes) => serde.deserialize(bytes[0] === 0 ? bytes : withHeader(bytes, currentId));
}

function withHeader(bytes: Uint8Array, schemaId: number): Uint8Array {
  const framed = new Uint8Array(WIRE_HEADER_BYTES + bytes.length);
  writeWireHeader(framed, 0, schemaId);
  framed.set(bytes, WIRE_HEADER_BYTES);
  return framed;
}
