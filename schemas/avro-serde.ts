import { DeserializationError, SerializationError } from '@incident-streams/streams';
import type { Serde } from '@incident-streams/streams';
import { avroType } from './avro-type.ts';
import { compileClaimGuard } from './claim-guard/claim-guard.ts';
import type { ClaimLimits } from './claim-guard/claim-limits.ts';
import { SCHEMAS } from './generated/catalog.ts';
import type { SchemaName, SchemaTypes } from './generated/catalog.ts';
import { RecordDecoder } from './record-decoder.ts';
import { RecordEncoder } from './record-encoder.ts';
import type { SchemaRegistry } from './schema-registry.ts';
import { WIRE_HEADER_BYTES } from './wire-format.ts';

export interface AvroSerdeOptions {
  readonly registry: SchemaRegistry;
  /** Where records may claim more, or should claim less, than the default. */
  readonly limits?: Partial<ClaimLimits>;
}

/**
 * Values of one schema in the Confluent wire format. Reading takes any version of the schema that the registry
 * knows and Avro's rules can resolve. Nothing is written that reading would refuse.
 */
export function createAvroSerde<N extends SchemaName>(
  name: N,
  { registry, limits = {} }: AvroSerdeOptions,
): Serde<SchemaTypes[N]> {
  const schema = SCHEMAS[name];
  const type = avroType(schema);
  const encoder = new RecordEncoder(type, { name, schemaId: registry.idOf(name) });
  const decoder = new RecordDecoder(type, { name, registry, limits });
  const guard = compileClaimGuard(schema, limits);
  return {
    serialize: (value) => {
      const bytes = encoder.encode(value);
      try {
        guard(bytes, WIRE_HEADER_BYTES);
      } catch (cause) {
        if (!(cause instanceof DeserializationError)) throw cause;
        throw new SerializationError(cause.message, { cause });
      }
      return bytes;
    },
    deserialize: (bytes) => decoder.decode(bytes) as SchemaTypes[N],
  };
}
