import { readFileSync } from 'node:fs';
import { z } from 'zod';

interface DescribedAlert {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

const text = readFileSync(new URL('../../schemas/alert.schema.json', import.meta.url), 'utf8');

/** What the JSON Schema of an alert says, as it is written. */
export const ALERT_DESCRIPTION = JSON.parse(text) as DescribedAlert;

const schema = z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);

/** What the JSON Schema has against a value; empty where it is an alert. */
export function problemsOfAlert(value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
