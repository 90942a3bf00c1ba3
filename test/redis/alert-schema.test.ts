import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { alertOf, isAlertType } from '../../connectors/redis/index.ts';
import type { Alert } from '../../connectors/redis/index.ts';
import { recordsOf } from './transitions.ts';
import type { Step } from './transitions.ts';

interface AlertSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

const SCHEMA_FILE = new URL('../../connectors/redis/alert.schema.json', import.meta.url);
const text = readFileSync(SCHEMA_FILE, 'utf8');
const described = JSON.parse(text) as AlertSchema;
const schema = z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);

const TYPES = ['OPENED', 'ACKNOWLEDGED', 'ACK_EXPIRED', 'ESCALATED', 'RESOLVED', 'REOPENED'] as const;
const STEPS: readonly Step[] = TYPES.map((type) => ({ incident: 'a', type }));

function alerts(): Alert[] {
  return recordsOf(STEPS).map(({ value, offset }) => {
    if (value === null || !isAlertType(value.type)) throw new Error('not an alert');
    return alertOf({ ...value, type: value.type }, { partition: 0, id: `1700000000000-${offset}` });
  });
}

test('every alert is what its schema says', () => {
  for (const alert of alerts())
    expect(schema.safeParse(JSON.parse(JSON.stringify(alert))).error).toBeUndefined();
});

test('the schema describes every field of an alert and demands it', () => {
  for (const alert of alerts()) {
    expect(Object.keys(alert).sort()).toEqual([...described.required].sort());
    expect(Object.keys(alert).sort()).toEqual(Object.keys(described.properties).sort());
  }
});

test('the schema refuses another version and an unknown type', () => {
  const [alert] = alerts();
  expect(schema.safeParse({ ...alert, version: 2 }).success).toBe(false);
  expect(schema.safeParse({ ...alert, type: 'UPDATED' }).success).toBe(false);
});

test('people are told of exactly six kinds of transitions', () => {
  const silent = ['DETECTED', 'COMMENTED', 'UPDATED', 'RECOVERED', 'TRANSIENT', 'CLOSED'] as const;
  expect(TYPES.every(isAlertType)).toBe(true);
  expect(silent.some(isAlertType)).toBe(false);
});
