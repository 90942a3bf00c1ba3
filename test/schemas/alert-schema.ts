import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

interface DescribedAlert {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

const text = readFileSync(new URL('../../schemas/alert.schema.json', import.meta.url), 'utf8');

/** What the JSON Schema of an alert says, as it is written. */
export const ALERT_DESCRIPTION = JSON.parse(text) as DescribedAlert;

const validate = new Ajv2020({ allErrors: true }).compile(JSON.parse(text) as object);

/** What the JSON Schema has against a value; empty where it is an alert. */
export function problemsOfAlert(value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}
