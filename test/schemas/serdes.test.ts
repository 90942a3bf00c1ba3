import { SerializationError } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { readSchemaId } from '../../schemas/wire-format.ts';
import { aggregate, anyEvent, command, event, state, tick, transition, verdict } from './samples.ts';

const serdes = createSerdes(new EmbeddedRegistry());

function written(change: object): Uint8Array {
  return serdes.incidentEvent.serialize({ ...event, ...change });
}

describe('every serde', () => {
  it('reads what it wrote, as plain objects', () => {
    expect(serdes.incidentEvent.deserialize(serdes.incidentEvent.serialize(event))).toStrictEqual(event);
    expect(serdes.operatorCommand.deserialize(serdes.operatorCommand.serialize(command))).toStrictEqual(
      command,
    );
    expect(serdes.tick.deserialize(serdes.tick.serialize(tick))).toStrictEqual(tick);
    expect(serdes.windowAggregate.deserialize(serdes.windowAggregate.serialize(aggregate))).toStrictEqual(
      aggregate,
    );
    expect(serdes.incidentState.deserialize(serdes.incidentState.serialize(state))).toStrictEqual(state);
    expect(
      serdes.incidentTransition.deserialize(serdes.incidentTransition.serialize(transition)),
    ).toStrictEqual(transition);
    expect(serdes.eventVerdict.deserialize(serdes.eventVerdict.serialize(verdict))).toStrictEqual(verdict);
  });

  it('writes a verdict on every event that it reads, however large', () => {
    const attributes = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 'x'.repeat(60_000)]));
    const large = { ...event, attributes: attributes(17), summary: 'x'.repeat(28_000) };
    expect(serdes.incidentEvent.serialize(large).length).toBeGreaterThan(1_048_000);
    const onLarge = { ...verdict, event: large };
    expect(serdes.eventVerdict.deserialize(serdes.eventVerdict.serialize(onLarge))).toStrictEqual(onLarge);
  });

  it('reads what it wrote, whatever the event', () => {
    fc.assert(
      fc.property(anyEvent, (value) => {
        expect(serdes.incidentEvent.deserialize(serdes.incidentEvent.serialize(value))).toStrictEqual(value);
      }),
    );
  });

  it('writes the id of its schema', () => {
    expect(readSchemaId(serdes.incidentEvent.serialize(event))).toBe(1);
    expect(readSchemaId(serdes.incidentTransition.serialize(transition))).toBe(6);
  });

  it('reads any view of any buffer', () => {
    const bytes = serdes.incidentEvent.serialize(event);
    const shifted = new Uint8Array(bytes.length + 7);
    shifted.set(bytes, 3);
    expect(serdes.incidentEvent.deserialize(shifted.subarray(3, 3 + bytes.length))).toStrictEqual(event);
  });

  it('keeps nothing of the bytes it read', () => {
    const bytes = Uint8Array.from(serdes.incidentEvent.serialize(event));
    const value = serdes.incidentEvent.deserialize(bytes);
    bytes.fill(0xff);
    expect(value).toStrictEqual(event);
  });
});

describe('bytes that were handed out', () => {
  it('are not written again, however much follows, small and large', () => {
    const values: IncidentEvent[] = Array.from({ length: 500 }, (_, i) => ({
      ...event,
      id: `evt-${i}`,
      summary: 'x'.repeat((i * 97) % 3_000),
      attributes: i % 100 === 0 ? { long: 'y'.repeat(20_000 + i) } : {},
    }));
    const bytes = values.map((value) => serdes.incidentEvent.serialize(value));
    expect(bytes.map((one) => serdes.incidentEvent.deserialize(one))).toStrictEqual(values);
  });

  it('fit exactly where a record ends with its slab', () => {
    for (let length = 14_000; length < 16_500; length += 1) {
      const value = { ...event, summary: 'x'.repeat(length) };
      expect(serdes.incidentEvent.deserialize(serdes.incidentEvent.serialize(value)).summary.length).toBe(
        length,
      );
    }
  });
});

describe('a value that the schema has no room for', () => {
  it.each([
    [
      { severity: 'WORSE' },
      'IncidentEvent.severity cannot hold "WORSE": it takes one of INFO, MINOR, MAJOR, CRITICAL',
    ],
    [{ severity: 'constructor' }, 'IncidentEvent.severity cannot hold "constructor"'],
    [{ time: 1.5 }, 'IncidentEvent.time cannot hold 1.5: it takes long'],
    [{ time: Number.NaN }, 'IncidentEvent.time cannot hold NaN'],
    [{ time: 2 ** 53 }, 'IncidentEvent.time cannot hold 9007199254740992'],
    [{ time: -(2 ** 52) - 1 }, 'IncidentEvent.time cannot hold -4503599627370497'],
    [{ time: 5n }, 'IncidentEvent.time cannot hold 5'],
    [{ id: undefined }, 'IncidentEvent.id cannot hold undefined: it takes string'],
    [{ value: 'x' }, 'IncidentEvent.value cannot hold "x": it takes null or double'],
    [{ attributes: { region: 7 } }, 'IncidentEvent.attributes.region cannot hold 7: it takes string'],
    [{ attributes: [] }, 'IncidentEvent.attributes cannot hold an array: it takes map'],
    [
      { service: null, id: 'x'.repeat(200), component: {} },
      'service cannot hold null: it takes string; IncidentEvent.component',
    ],
  ])('is refused, naming the field (case %#)', (change, message) => {
    expect(() => written(change)).toThrow(SerializationError);
    expect(() => written(change)).toThrow(message);
  });

  it('names a field within a field', () => {
    const broken = { ...transition, cause: { ...transition.cause, partition: 2 ** 31 } };
    expect(() => serdes.incidentTransition.serialize(broken)).toThrow(
      'IncidentTransition.cause.partition cannot hold 2147483648: it takes int',
    );
  });
});

describe('nothing is written that would be refused when read', () => {
  it('neither a key that reaches a prototype', () => {
    const attributes = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
    expect(() => written({ attributes })).toThrow(SerializationError);
    expect(() => written({ attributes })).toThrow('has the key "__proto__"');
  });

  it('nor more than a record may claim: a summary of 10 MB', () => {
    expect(() => written({ summary: 'x'.repeat(10_000_000) })).toThrow(SerializationError);
    expect(() => written({ summary: 'x'.repeat(65_537) })).toThrow(
      'IncidentEvent.summary holds 65,537 bytes, at most 65,536 are allowed',
    );
  });

  it('by the limits that were given', () => {
    const narrow = createSerdes(new EmbeddedRegistry(), { maxStringBytes: 10 });
    expect(() => narrow.tick.serialize({ ...tick, reason: 'x'.repeat(11) })).toThrow(
      'at most 10 are allowed',
    );
    const bytes = serdes.tick.serialize({ ...tick, reason: 'x'.repeat(11) });
    expect(() => narrow.tick.deserialize(bytes)).toThrow(
      'Tick.reason holds 11 bytes, at most 10 are allowed',
    );
  });
});
