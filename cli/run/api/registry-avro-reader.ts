import { NO_HEADERS } from '@incident-streams/streams';
import type { LogRecord } from '@incident-streams/streams';
import { createAvroEventReader } from '../../../schemas/avro-events.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import type { SchemaRegistry } from '../../../schemas/schema-registry.ts';
import type { ConfluentRegistry } from '../../../connectors/schema-registry/index.ts';
import { within } from './within.ts';

/** The registry is asked again and again while it is down; a client is not kept waiting for so long. */
const MAX_WAIT_MS = 5_000;

export interface RegistryAvroReaderOptions {
  readonly registry: SchemaRegistry & Pick<ConfluentRegistry, 'beforeDecode'>;
}

/** Reads events in Avro, after asking the registry for a schema that is not known here yet. */
export function createRegistryAvroReader({
  registry,
}: RegistryAvroReaderOptions): (bytes: Uint8Array) => Promise<IncidentEvent> {
  const read = createAvroEventReader({ registry });
  return async (bytes) => {
    const learned = registry.beforeDecode([recordOf(bytes)]);
    if (learned !== undefined) await within(MAX_WAIT_MS, 'no answer from the schema registry', learned);
    return read(bytes);
  };
}

/** Only the value is looked at. */
function recordOf(value: Uint8Array): LogRecord {
  return { topic: '', partition: 0, offset: 0, timestamp: 0, key: null, value, headers: NO_HEADERS };
}
