import { DeserializationError } from '@incident-streams/streams';
import { describe, expect, it } from 'vitest';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { InboxEntry } from '../../schemas/inbox-entry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { command, event, state, tick } from './samples.ts';

const serdes = createSerdes(new EmbeddedRegistry());
const entries: InboxEntry[] = [
  { type: 'event', event },
  { type: 'command', command },
  { type: 'tick', tick },
];

describe('an inbox entry', () => {
  it.each(entries)('of type $type is read as it was written', (entry) => {
    expect(serdes.inboxEntry.deserialize(serdes.inboxEntry.serialize(entry))).toStrictEqual(entry);
  });

  it('is on the wire a record of its own schema', () => {
    expect(serdes.inboxEntry.serialize({ type: 'event', event })).toEqual(
      serdes.incidentEvent.serialize(event),
    );
    expect(serdes.tick.deserialize(serdes.inboxEntry.serialize({ type: 'tick', tick }))).toStrictEqual(tick);
  });

  it('cannot be a record of another schema', () => {
    const bytes = serdes.incidentState.serialize(state);
    expect(() => serdes.inboxEntry.deserialize(bytes)).toThrow(DeserializationError);
    expect(() => serdes.inboxEntry.deserialize(bytes)).toThrow(
      'Schema id 5 (incident.v1.IncidentState) is not one of an inbox entry',
    );
  });

  it('cannot have a schema that is unknown, or none', () => {
    expect(() => serdes.inboxEntry.deserialize(Uint8Array.of(0, 0, 0, 1, 0, 0))).toThrow(
      'Schema id 256 is unknown to the registry',
    );
    expect(() => serdes.inboxEntry.deserialize(Buffer.from('hello'))).toThrow(DeserializationError);
  });
});
