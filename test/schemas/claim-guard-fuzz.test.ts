import { DeserializationError } from '@incident-streams/streams';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroType } from '../../schemas/avro-type.ts';
import { compileClaimGuard } from '../../schemas/claim-guard/claim-guard.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { SCHEMAS } from '../../schemas/generated/catalog.ts';
import type { SchemaName } from '../../schemas/generated/catalog.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { aggregate, anyEvent, command, event, state, tick, transition, verdict } from './samples.ts';

const MAX_HEAP_BYTES = 4 * 1024 * 1024;
const registry = new EmbeddedRegistry();
const serdes = createSerdes(registry);
const byName = {
  IncidentEvent: serdes.incidentEvent,
  OperatorCommand: serdes.operatorCommand,
  Tick: serdes.tick,
  WindowAggregate: serdes.windowAggregate,
  IncidentState: serdes.incidentState,
  IncidentTransition: serdes.incidentTransition,
  EventVerdict: serdes.eventVerdict,
};
const valid: Readonly<Record<SchemaName, Uint8Array>> = {
  IncidentEvent: serdes.incidentEvent.serialize(event),
  OperatorCommand: serdes.operatorCommand.serialize(command),
  Tick: serdes.tick.serialize(tick),
  WindowAggregate: serdes.windowAggregate.serialize(aggregate),
  IncidentState: serdes.incidentState.serialize(state),
  IncidentTransition: serdes.incidentTransition.serialize(transition),
  EventVerdict: serdes.eventVerdict.serialize(verdict),
};
const names = Object.keys(valid) as SchemaName[];

/** Either a value that lasts (written and read again it is the same) or a DeserializationError; and little heap. */
function readsOrRefuses(name: SchemaName, bytes: Uint8Array): 'read' | 'refused' {
  const serde = byName[name] as {
    serialize(value: unknown): Uint8Array;
    deserialize(bytes: Uint8Array): unknown;
  };
  const heapBefore = process.memoryUsage().heapUsed;
  let value: unknown;
  try {
    value = serde.deserialize(bytes);
  } catch (error) {
    if (!(error instanceof DeserializationError)) throw error;
    expect(error.message).not.toBe('');
    return 'refused';
  } finally {
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(MAX_HEAP_BYTES);
  }
  expect(serde.deserialize(serde.serialize(value))).toStrictEqual(value);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  if (name === 'IncidentEvent') {
    expect(Object.getPrototypeOf((value as typeof event).attributes)).toBe(Object.prototype);
  }
  return 'read';
}

interface Mutation {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly how: 'overwrite' | 'insert' | 'cut';
}

/** Bytes that mean something to Avro: large counts, negative ones, continued numbers, prototype keys. */
const meaningful = fc.constantFrom(
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
  Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80),
  Uint8Array.of(0x01),
  Uint8Array.of(0x00),
  Uint8Array.of(0x03, 0x02),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  Buffer.from('\x02\x12__proto__\x02x\x00', 'latin1'),
);
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(400),
  bytes: fc.oneof(meaningful, fc.uint8Array({ minLength: 1, maxLength: 4 })),
  how: fc.constantFrom('overwrite', 'insert', 'cut'),
});

function mutate(bytes: Uint8Array, { at, bytes: change, how }: Mutation): Uint8Array {
  const place = at % (bytes.length + 1);
  if (how === 'cut') return bytes.subarray(0, place);
  const rest = bytes.subarray(how === 'insert' ? place : Math.min(bytes.length, place + change.length));
  return Buffer.concat([bytes.subarray(0, place), change, rest]);
}

describe('whatever the bytes, a record is read or refused, and takes little memory', () => {
  it.each(names)('mutated records of %s', (name) => {
    const seen = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        seen[readsOrRefuses(name, mutations.reduce(mutate, valid[name]))]++;
      }),
      { numRuns: 1_500 },
    );
    // The fuzzing reaches both sides.
    expect(seen.refused).toBeGreaterThan(100);
    expect(seen.read).toBeGreaterThan(10);
  });

  it.each(names)('random bytes behind the header of %s', (name) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readsOrRefuses(name, Buffer.concat([valid[name].subarray(0, 5), bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('any bytes at all', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readsOrRefuses('IncidentEvent', bytes)));
  });

  it('leaves Object.prototype as it was', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('the guard and the decoder agree', () => {
  it('on every valid event: none is refused', () => {
    const type = avroType(SCHEMAS.IncidentEvent);
    const guard = compileClaimGuard(SCHEMAS.IncidentEvent);
    fc.assert(fc.property(anyEvent, (value) => guard(type.toBuffer(value), 0)));
  });

  it('on where a value ends: what passes the guard, avsc reads to the last byte', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (name, mutations) => {
          const bytes = Buffer.from(mutations.reduce(mutate, valid[name].subarray(5)));
          try {
            compileClaimGuard(SCHEMAS[name])(bytes, 0);
          } catch {
            return;
          }
          expect(avroType(SCHEMAS[name]).decode(bytes, 0).offset).toBe(bytes.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
