import { z } from 'zod';
import { BodyInvalidError } from '../errors.ts';
import { check, namesOf } from '../query.ts';

const text = z.string({ error: 'must be a text' });
const texts = z
  .record(text, text, { error: 'must be an object whose values are texts' })
  .nullish()
  .transform((value) => value ?? {});

const alert = z.object(
  {
    status: z.enum(['firing', 'resolved'], { error: 'must be firing or resolved' }),
    labels: texts,
    annotations: texts,
    startsAt: text.default(''),
    endsAt: text.default(''),
    generatorURL: text.default(''),
    fingerprint: text.default(''),
  },
  { error: 'must be an object' },
);

const payload = z.object(
  {
    version: z.literal('4', { error: 'must be "4", the only version that is read here' }),
    groupKey: text.default(''),
    receiver: text.default(''),
    externalURL: text.default(''),
    truncatedAlerts: z.int({ error: 'must be a whole number' }).min(0).default(0),
    alerts: z.array(alert, { error: 'must be an array' }),
  },
  { error: 'must be a JSON object' },
);

export type Alert = z.infer<typeof alert>;
export type Payload = z.infer<typeof payload>;

/**
 * What Alertmanager's webhook sends. Fields that are not read here may be there: a later Alertmanager may have more.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 * @throws {BodyInvalidError}
 */
export function parsePayload(body: unknown): Payload {
  const checked = check<Payload>(payload, body);
  if (checked.ok) return checked.value;
  const { fields } = checked;
  throw new BodyInvalidError(`Nothing was taken in. Not what Alertmanager sends: ${namesOf(fields)}.`, {
    fields,
  });
}
