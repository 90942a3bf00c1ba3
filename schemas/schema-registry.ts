import type { AvroSchema } from './avro-schema.ts';
import type { SchemaName } from './generated/catalog.ts';

/**
 * Which id stands for which schema. Both directions are synchronous: an implementation that asks a server has
 * asked it before the first record is read.
 */
export interface SchemaRegistry {
  /**
   * The schema that records under this id were written with, self-contained; undefined for an id it does not know.
   * @throws {DeserializationError} when what it has under this id is no Avro schema.
   */
  schemaFor(id: number): AvroSchema | undefined;
  /** The id under which values of this schema are written. */
  idOf(name: SchemaName): number;
}
