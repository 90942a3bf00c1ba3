import { expect, test } from 'vitest';
import { alertOf, isAlertType } from '../../schemas/alert.ts';
import type { Alert } from '../../schemas/alert.ts';
import { transition } from '../http/samples.ts';
import { ALERT_DESCRIPTION, problemsOfAlert } from './alert-schema.ts';

const TOLD = ['OPENED', 'ESCALATED', 'ACKNOWLEDGED', 'ACK_EXPIRED', 'RESOLVED', 'REOPENED'] as const;
const SILENT = ['DETECTED', 'COMMENTED', 'UPDATED', 'RECOVERED', 'TRANSIENT', 'CLOSED'] as const;

function alerts(): Alert[] {
  return TOLD.flatMap((type) => alertOf(transition({ type })) ?? []);
}

test('people are told of exactly six kinds of transitions', () => {
  expect(alerts().map(({ type }) => type)).toEqual(TOLD);
  expect(SILENT.map((type) => alertOf(transition({ type })))).toEqual(SILENT.map(() => null));
  expect(TOLD.every(isAlertType)).toBe(true);
  expect(SILENT.some(isAlertType)).toBe(false);
});

test('every alert is what its schema says', () => {
  for (const alert of alerts()) expect(problemsOfAlert(JSON.parse(JSON.stringify(alert)))).toEqual([]);
});

test('an alert has every field that its schema demands and no other', () => {
  for (const alert of alerts())
    expect(Object.keys(alert).sort()).toEqual([...ALERT_DESCRIPTION.required].sort());
});

test('the schema describes one field more than it demands: that of Redis', () => {
  const optional = Object.keys(ALERT_DESCRIPTION.properties).filter(
    (field) => !ALERT_DESCRIPTION.required.includes(field),
  );
  expect(optional).toEqual(['stream']);
});

test.each([
  ['another version', { version: 2 }],
  ['an unknown type', { type: 'UPDATED' }],
  ['a field that is missing', { reason: undefined }],
  ['a place in the streams that is none', { stream: { partition: 0, id: '7' } }],
])('the schema refuses %s', (_what, change) => {
  for (const alert of alerts()) expect(problemsOfAlert({ ...alert, ...change })).not.toEqual([]);
});
