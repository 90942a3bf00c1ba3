import type { AvroSchema } from './avro-schema.ts';
import { SCHEMAS } from './generated/catalog.ts';
import type { SchemaName } from './generated/catalog.ts';
import type { SchemaRegistry } from './schema-registry.ts';

/** Never reused, never changed: records on disk carry them. A changed schema takes a new id, beside the old one. */
const IDS: Readonly<Record<SchemaName, number>> = {
  IncidentEvent: 1,
  OperatorCommand: 2,
  Tick: 3,
  WindowAggregate: 4,
  IncidentState: 5,
  IncidentTransition: 6,
  EventVerdict: 7,
};

/** The registry of a runtime that has no registry server: a fixed id for each schema of this version. */
export class EmbeddedRegistry implements SchemaRegistry {
  readonly #schemas = new Map<number, AvroSchema>();

  constructor() {
    for (const [name, id] of Object.entries(IDS)) this.#schemas.set(id, SCHEMAS[name as SchemaName]);
  }

  schemaFor(id: number): AvroSchema | undefined {
    return this.#schemas.get(id);
  }

  idOf(name: SchemaName): number {
    return IDS[name];
  }
}
