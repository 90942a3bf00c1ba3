import { SerializationError } from '@incident-streams/streams';
import type avro from 'avsc';
import { WIRE_HEADER_BYTES, writeWireHeader } from './wire-format.ts';

const SLAB_BYTES = 16_384;
/** A record is not begun in a slab that has less left: most then fit, and none is encoded twice. */
const SLAB_RESERVE_BYTES = 1_024;
const MAX_SHOWN_LENGTH = 100;

/**
 * Writes records one after the other into slabs, each record a view of its own that is never written again.
 * A record that is kept keeps its slab of 16 KiB: whoever keeps few out of many, copies them.
 */
export class RecordEncoder {
  readonly #type: avro.Type;
  readonly #name: string;
  readonly #schemaId: number;
  #slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;

  constructor(type: avro.Type, options: { name: string; schemaId: number }) {
    this.#type = type;
    this.#name = options.name;
    this.#schemaId = options.schemaId;
  }

  /** @throws {SerializationError} naming the field that the schema has no room for. */
  encode(value: unknown): Buffer {
    if (SLAB_BYTES - this.#used < SLAB_RESERVE_BYTES) this.#startSlab();
    const start = this.#used;
    const end = this.#write(value, this.#slab, start + WIRE_HEADER_BYTES);
    if (end < 0) {
      // avsc answers by how much the buffer was too short.
      const size = this.#slab.length - end - start;
      if (size > SLAB_BYTES) return this.#encodeAlone(value, size);
      this.#startSlab();
      return this.encode(value);
    }
    writeWireHeader(this.#slab, start, this.#schemaId);
    this.#used = end;
    return this.#slab.subarray(start, end);
  }

  #encodeAlone(value: unknown, size: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(size);
    this.#write(value, bytes, WIRE_HEADER_BYTES);
    writeWireHeader(bytes, 0, this.#schemaId);
    return bytes;
  }

  #startSlab(): void {
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#used = 0;
  }

  #write(value: unknown, target: Buffer, position: number): number {
    try {
      return this.#type.encode(value, target, position);
    } catch (cause) {
      throw new SerializationError(explainInvalid(this.#type, this.#name, value, cause), { cause });
    }
  }
}

/** Says which field cannot be written, and what it should have held. */
function explainInvalid(type: avro.Type, name: string, value: unknown, cause: unknown): string {
  const problems: string[] = [];
  type.isValid(value, {
    errorHook: (path, part: unknown, expected) => {
      const field = [name, ...path].join('.');
      problems.push(`${field} cannot hold ${show(part)}: it takes ${describe(expected)}`);
    },
  });
  return problems.length > 0 ? problems.join('; ') : `${name} cannot be written: ${String(cause)}`;
}

function show(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MAX_SHOWN_LENGTH ? `${value.slice(0, MAX_SHOWN_LENGTH)}…` : value);
  }
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return `${value as number | bigint | boolean | null | undefined}`;
}

function describe(type: avro.Type): string {
  const { symbols, types } = type as { symbols?: readonly string[]; types?: readonly avro.Type[] };
  if (symbols !== undefined) return `one of ${symbols.join(', ')}`;
  if (types !== undefined) return types.map(describe).join(' or ');
  return type.typeName;
}
