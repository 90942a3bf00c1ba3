import { DeserializationError } from '@incident-streams/streams';
import type { Serde } from '@incident-streams/streams';
import { schemaName } from './avro-schema.ts';
import { createAvroSerde } from './avro-serde.ts';
import type { AvroSerdeOptions } from './avro-serde.ts';
import type { IncidentEvent } from './generated/IncidentEvent.ts';
import type { OperatorCommand } from './generated/OperatorCommand.ts';
import type { Tick } from './generated/Tick.ts';
import type { SchemaRegistry } from './schema-registry.ts';
import { readSchemaId } from './wire-format.ts';

/** What the inbox holds: whatever takes effect on the incidents of a partition, in order. */
export type InboxEntry =
  | { readonly type: 'event'; readonly event: IncidentEvent }
  | { readonly type: 'command'; readonly command: OperatorCommand }
  | { readonly type: 'tick'; readonly tick: Tick };

const TYPES_BY_SCHEMA = new Map<string | undefined, InboxEntry['type']>([
  ['incident.v1.IncidentEvent', 'event'],
  ['incident.v1.OperatorCommand', 'command'],
  ['incident.v1.Tick', 'tick'],
]);

/** Inbox entries. On the wire each is a record of its own schema: the schema's id tells them apart. */
export function createInboxEntrySerde(options: AvroSerdeOptions): Serde<InboxEntry> {
  const events = createAvroSerde('IncidentEvent', options);
  const commands = createAvroSerde('OperatorCommand', options);
  const ticks = createAvroSerde('Tick', options);
  const typeOf = entryTypes(options.registry);
  return {
    serialize: (entry) => {
      switch (entry.type) {
        case 'event':
          return events.serialize(entry.event);
        case 'command':
          return commands.serialize(entry.command);
        case 'tick':
          return ticks.serialize(entry.tick);
      }
    },
    deserialize: (bytes) => {
      const type = typeOf(readSchemaId(bytes));
      switch (type) {
        case 'event':
          return { type, event: events.deserialize(bytes) };
        case 'command':
          return { type, command: commands.deserialize(bytes) };
        case 'tick':
          return { type, tick: ticks.deserialize(bytes) };
      }
    },
  };
}

/** Which kind of entry a schema id stands for; each id is looked up once. */
function entryTypes(registry: SchemaRegistry): (schemaId: number) => InboxEntry['type'] {
  const known = new Map<number, InboxEntry['type']>();
  return (schemaId) => {
    let type = known.get(schemaId);
    if (type === undefined) {
      const schema = registry.schemaFor(schemaId);
      if (schema === undefined) {
        throw new DeserializationError(`Schema id ${schemaId} is unknown to the registry`);
      }
      type = TYPES_BY_SCHEMA.get(schemaName(schema));
      if (type === undefined) {
        const name = schemaName(schema) ?? 'a schema without a name';
        throw new DeserializationError(`Schema id ${schemaId} (${name}) is not one of an inbox entry`);
      }
      known.set(schemaId, type);
    }
    return type;
  };
}
