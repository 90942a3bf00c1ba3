import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problemsOfAlert } from '../schemas/alert-schema.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8');

function blocks(language: string): string[] {
  return [...DOCUMENT.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, of, text]) =>
    of === language ? [text ?? ''] : [],
  );
}

test.each([
  ['ts', 'subscribe.ts'],
  ['py', 'subscribe.py'],
  ['sh', 'subscribe.sh'],
])('the only %s block of docs/alerts.md is examples/alerts/%s as it is', (language, file) => {
  expect(blocks(language)).toEqual([readFileSync(join(ROOT, 'examples/alerts', file), 'utf8')]);
});

test('the alert that docs/alerts.md shows is one', () => {
  const [alert, ...others] = blocks('json').map((text) => JSON.parse(text) as unknown);
  expect(others).toEqual([]);
  expect(problemsOfAlert(alert)).toEqual([]);
});
