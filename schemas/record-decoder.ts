import { DeserializationError } from '@incident-streams/streams';
import type avro from 'avsc';
import { schemaName } from './avro-schema.ts';
import type { AvroSchema } from './avro-schema.ts';
import { avroType } from './avro-type.ts';
import { compileClaimGuard } from './claim-guard/claim-guard.ts';
import type { ClaimGuard } from './claim-guard/claim-guard.ts';
import type { ClaimLimits } from './claim-guard/claim-limits.ts';
import type { SchemaRegistry } from './schema-registry.ts';
import { WIRE_HEADER_BYTES, readSchemaId } from './wire-format.ts';

/** Decodes the value that begins behind the header. */
type Decode = (bytes: Buffer) => unknown;

/** Reads records of any schema that the registry knows and that can be read as the type. */
export class RecordDecoder {
  readonly #type: avro.Type;
  readonly #name: string;
  readonly #registry: SchemaRegistry;
  readonly #limits: Partial<ClaimLimits>;
  readonly #decoders = new Map<number, Decode>();

  constructor(
    type: avro.Type,
    options: { name: string; registry: SchemaRegistry; limits: Partial<ClaimLimits> },
  ) {
    this.#type = type;
    this.#name = options.name;
    this.#registry = options.registry;
    this.#limits = options.limits;
  }

  /** @throws {DeserializationError} when the bytes do not hold a value that can be read as the type. */
  decode(bytes: Uint8Array): unknown {
    const id = readSchemaId(bytes);
    const decode = this.#decoders.get(id) ?? this.#prepare(id);
    return decode(asBuffer(bytes));
  }

  #prepare(id: number): Decode {
    const schema = this.#registry.schemaFor(id);
    // Not remembered: the registry may come to know it.
    if (schema === undefined) throw new DeserializationError(`Schema id ${id} is unknown to the registry`);
    const decode = this.#compile(id, schema);
    this.#decoders.set(id, decode);
    return decode;
  }

  #compile(id: number, schema: AvroSchema): Decode {
    const type = this.#type;
    let resolver: ReturnType<avro.Type['createResolver']> | undefined;
    let guard: ClaimGuard;
    try {
      const writerType = avroType(schema);
      guard = compileClaimGuard(schema, this.#limits);
      resolver = writerType.equals(type) ? undefined : type.createResolver(writerType);
    } catch (cause) {
      const written = schemaName(schema) ?? 'a schema without a name';
      const message = `A record of schema id ${id} (${written}) cannot be read as ${this.#name}: ${(cause as Error).message}`;
      return () => {
        throw new DeserializationError(message, { cause });
      };
    }
    return (bytes) => {
      guard(bytes, WIRE_HEADER_BYTES);
      return this.#decodeGuarded(bytes, resolver);
    };
  }

  #decodeGuarded(bytes: Buffer, resolver: ReturnType<avro.Type['createResolver']> | undefined): unknown {
    try {
      const decoded = this.#type.decode(bytes, WIRE_HEADER_BYTES, resolver);
      if (decoded.offset === bytes.length) return decoded.value;
    } catch (cause) {
      throw new DeserializationError(`${this.#name} cannot be decoded: ${(cause as Error).message}`, {
        cause,
      });
    }
    throw new DeserializationError(`${this.#name} does not end where its record ends`);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
