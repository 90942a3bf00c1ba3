import avro from 'avsc';
import type { AvroSchema } from './avro-schema.ts';

/**
 * The avsc type for a schema, with its weak spots closed:
 * - decoded records are plain objects, not instances of a class that avsc makes;
 * - an enum refuses names that every object has (`constructor` would be written as the first symbol);
 * - a long below -2^52 is refused when written: avsc would write another number.
 *
 * Logical types stay what they are on the wire: a timestamp is a number of milliseconds.
 *
 * @throws {Error} when the schema is invalid.
 */
export function avroType(schema: AvroSchema): avro.Type {
  const registry: Record<string, avro.Type> = {};
  const type = avro.Type.forSchema(schema as avro.Schema, {
    registry,
    omitRecordMethods: true,
    typeHook: (part) => (isLong(part) ? new ExactLongType() : undefined),
  });
  for (const named of Object.values(registry)) harden(named);
  return type;
}

function harden(type: avro.Type): void {
  if (avro.Type.isType(type, 'record')) {
    const { recordConstructor } = type as unknown as { recordConstructor: { prototype: object } };
    recordConstructor.prototype = Object.prototype;
  } else if (avro.Type.isType(type, 'enum')) {
    Object.setPrototypeOf((type as unknown as { _indices: object })._indices, null);
  }
}

function isLong(schema: avro.Schema): boolean {
  return schema === 'long' || (typeof schema === 'object' && 'type' in schema && schema.type === 'long');
}

type ErrorHook = (value: unknown, type: avro.Type) => void;

/** The members of avsc's long type that its declarations leave out. */
interface LongInternals {
  _check(value: unknown, flags: unknown, hook?: ErrorHook): boolean;
  _write(tap: unknown, value: unknown): void;
}

const longInternals = avro.types.LongType.prototype as unknown as LongInternals;
/** Twice this, less one, is the largest odd number that a double holds: the zigzag form of what is lower has none. */
const LOWEST_EXACT_LONG = -(2 ** 52);

class ExactLongType extends avro.types.LongType implements LongInternals {
  _check(value: unknown, flags: unknown, hook?: ErrorHook): boolean {
    if ((value as number) >= LOWEST_EXACT_LONG) return longInternals._check.call(this, value, flags, hook);
    hook?.(value, this);
    return false;
  }

  _write(tap: unknown, value: unknown): void {
    if ((value as number) < LOWEST_EXACT_LONG) throw new RangeError(`${String(value)} is below -2^52`);
    longInternals._write.call(this, tap, value);
  }
}
