import type { HttpPorts } from '../../../connectors/http/index.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import { correlationKeyOf } from '../../../topology/correlation.ts';
import type { InboxPlace, InboxWriter, KeyedEntry } from '../inbox-writer.ts';
import { createRegistryAvroReader } from './registry-avro-reader.ts';
import type { RegistryAvroReaderOptions } from './registry-avro-reader.ts';
import { within } from './within.ts';

/** A client is told after so long that nobody knows whether what it sent was stored. */
const MAX_APPEND_MS = 20_000;

export interface IngestPortsOptions extends RegistryAvroReaderOptions {
  readonly inbox: Pick<InboxWriter, 'append' | 'offer' | 'requireRoom'>;
}

/**
 * The events of a batch may lie in several partitions, and are not written in one transaction: when some could not be
 * stored, none is confirmed, and those that were stored are recognised when they are sent again.
 */
export function createIngestPorts({
  inbox,
  ...avro
}: IngestPortsOptions): Pick<HttpPorts, 'events' | 'commands'> {
  const appendMany = (events: readonly IncidentEvent[]): Promise<InboxPlace[]> => {
    const receivedAt = Date.now();
    return inTime(
      inbox.offer(
        events.map((event): KeyedEntry => {
          return { entry: { type: 'event', event }, key: correlationKeyOf(event), receivedAt };
        }),
      ),
    );
  };
  return {
    events: {
      append: async (event) => first(await appendMany([event])),
      appendMany,
      requireRoom: () => inbox.requireRoom(),
      readAvro: createRegistryAvroReader(avro),
    },
    commands: {
      append: async (command) => {
        const receivedAt = Date.now();
        const { correlationKey: key } = command;
        return first(await inTime(inbox.append([{ entry: { type: 'command', command }, key, receivedAt }])));
      },
    },
  };
}

function first([place]: readonly InboxPlace[]): InboxPlace {
  if (place === undefined) throw new TypeError('nothing was appended');
  return place;
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return within(MAX_APPEND_MS, 'no answer from Kafka', work);
}
