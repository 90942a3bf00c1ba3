import { DeserializationError } from '@incident-streams/streams';

/**
 * The Confluent wire format: a zero, the schema's id in 4 bytes (big-endian), the Avro value.
 * https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 */
export const WIRE_HEADER_BYTES = 5;

const MAGIC = 0;

/** Writes the header at `offset`; the value goes {@link WIRE_HEADER_BYTES} further on. */
export function writeWireHeader(target: Uint8Array, offset: number, schemaId: number): void {
  target[offset] = MAGIC;
  target[offset + 1] = schemaId >>> 24;
  target[offset + 2] = schemaId >>> 16;
  target[offset + 3] = schemaId >>> 8;
  target[offset + 4] = schemaId;
}

/**
 * The id of the schema that the value was written with.
 * @throws {DeserializationError} when the bytes do not begin with a header.
 */
export function readSchemaId(bytes: Uint8Array): number {
  if (bytes.length < WIRE_HEADER_BYTES) {
    throw new DeserializationError(
      `A record of ${bytes.length} bytes is too short for the Confluent wire format, whose header alone takes ${WIRE_HEADER_BYTES}`,
    );
  }
  if (bytes[0] !== MAGIC) {
    throw new DeserializationError(
      `A record that begins with byte ${bytes[0]} is not in the Confluent wire format, which begins with ${MAGIC}`,
    );
  }
  return ((bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!) >>> 0;
}
