import { describe, expect, it } from 'vitest';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { parseEventJson } from '../../schemas/event-json.ts';
import type { FieldProblem } from '../../schemas/event-json.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { event } from './samples.ts';

const least = {
  id: 'evt-1',
  source: 'probe',
  time: '2026-01-01T01:00:00.5+01:00',
  service: 'checkout',
  component: 'payment-api',
  summary: 'It fails',
};

function problems(input: unknown): readonly FieldProblem[] {
  const parsed = parseEventJson(input);
  return parsed.ok ? [] : parsed.problems;
}

function problem(change: object): string {
  return problems({ ...least, ...change })
    .map(({ field, message }) => `${field} ${message}`)
    .join('; ');
}

describe('an event as JSON', () => {
  it('needs six fields and has defaults for the others', () => {
    expect(parseEventJson(least)).toStrictEqual({
      ok: true,
      event: {
        ...least,
        time: Date.UTC(2026, 0, 1, 0, 0, 0, 500),
        type: 'incident.problem',
        fingerprint: null,
        kind: 'PROBLEM',
        severity: 'MAJOR',
        value: null,
        attributes: {},
      },
    });
  });

  it('is taken whole, its time as milliseconds too', () => {
    expect(parseEventJson(JSON.parse(JSON.stringify(event)))).toStrictEqual({ ok: true, event });
  });

  it('is of type and severity by its kind where it says neither', () => {
    expect(parseEventJson({ ...least, kind: 'RECOVERY' })).toMatchObject({
      event: { type: 'incident.recovery', severity: 'INFO' },
    });
    expect(parseEventJson({ ...least, kind: 'SAMPLE', value: 3 })).toMatchObject({
      event: { type: 'incident.sample', severity: 'INFO' },
    });
  });

  it('is refused with every missing field named', () => {
    const missing = ['id', 'source', 'time', 'service', 'component', 'summary'];
    expect(problems({})).toEqual(missing.map((field) => ({ field, message: 'is missing' })));
  });

  it.each([null, [], 'text', 7, undefined])('is refused where it is no object: %j', (input) => {
    expect(problems(input)).toEqual([{ field: 'body', message: 'must be a JSON object' }]);
  });

  it.each([
    [{ id: ' ' }, 'id must not be empty'],
    [{ id: 7 }, 'id must be a string'],
    [{ service: 'a\u001b[31m' }, 'service must not contain control characters or line breaks'],
    [{ id: 'x'.repeat(257) }, 'id must not be longer than 256 characters'],
    [{ id: '\ud800' }, 'id holds half of a surrogate pair, which is no character'],
    [{ service: 'a/b' }, 'service must not contain a slash'],
    [{ component: '' }, 'component must not be empty'],
    [{ summary: 'x'.repeat(10_000_000) }, 'summary must not be longer than 4096 characters'],
    [{ kind: 'OUTAGE' }, 'kind must be one of PROBLEM, SAMPLE, RECOVERY'],
    [{ severity: 'constructor' }, 'severity must be one of INFO, MINOR, MAJOR, CRITICAL'],
    [{ value: '3' }, 'value must be a finite number or null'],
    [{ value: Number.POSITIVE_INFINITY }, 'value must be a finite number or null'],
    [{ kind: 'SAMPLE' }, 'value is missing: a SAMPLE is a measured value'],
    [{ fingerprint: '' }, 'fingerprint must not be empty'],
    [{ attributes: [] }, 'attributes must be an object whose values are strings'],
    [{ attributes: { region: 7 } }, 'attributes.region must be a string'],
    [{ sevrity: 'MAJOR' }, 'sevrity is not a field of an event'],
  ])('is refused, naming the field (case %#)', (change, message) => {
    expect(problem(change)).toBe(message);
  });

  it.each(['yesterday', '2026-01-01', '2026-01-01T00:00:00', '2026-02-30T00:00:00Z', 1.5, -1, 1e300, null])(
    'is refused with the time %j',
    (time) => {
      expect(problem({ time })).toBe(
        'time must be whole milliseconds since the epoch, or an ISO 8601 time with its zone',
      );
    },
  );

  it.each(['__proto__', 'constructor', 'prototype'])('is refused with the attribute %s', (key) => {
    const input: unknown = JSON.parse(
      JSON.stringify({ ...least, attributes: { KEY: 'x' } }).replace('KEY', key),
    );
    expect(problems(input)).toEqual([
      { field: `attributes.${key}`, message: 'is a key that is not allowed' },
    ]);
  });

  it('is refused with a field __proto__, and takes nothing from it', () => {
    const input: unknown = JSON.parse('{"__proto__":{"id":"x"}}');
    expect(problems(input)).toContainEqual({ field: '__proto__', message: 'is not a field of an event' });
    expect(problems(input)).toContainEqual({ field: 'id', message: 'is missing' });
  });

  it('is answered shortly, however much is wrong with it', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`${i}`.padEnd(500, 'k'), i]),
    );
    expect(JSON.stringify(problems({ ...least, attributes })).length).toBeLessThan(10_000);
  });

  it('can be written once it was taken, also at its largest', () => {
    const wide = '\u20ac';
    const attributes = Object.fromEntries(
      Array.from({ length: 64 }, (_, i) => [`${i}`.padEnd(256, wide), wide.repeat(4_096)]),
    );
    const parsed = parseEventJson({ ...least, summary: wide.repeat(4_096), attributes });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const serde = createSerdes(new EmbeddedRegistry()).incidentEvent;
    expect(serde.deserialize(serde.serialize(parsed.event))).toStrictEqual(parsed.event);
  });
});
