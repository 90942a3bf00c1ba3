import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SEVERITY_SYMBOLS } from '../../../schemas/generated/IncidentEvent.ts';
import { INCIDENT_STATUS_SYMBOLS } from '../../../schemas/generated/IncidentState.ts';
import { IncidentUnknownError, QueryInvalidError, TimelineOffError } from '../errors.ts';
import type { IncidentReader } from '../ports.ts';
import { check, namesOf } from '../query.ts';

const listQuery = z.strictObject({
  status: oneOrMoreOf(INCIDENT_STATUS_SYMBOLS).exactOptional(),
  severity: oneOrMoreOf(SEVERITY_SYMBOLS).exactOptional(),
  service: z.string().min(1).max(200).exactOptional(),
  limit: wholeNumber({ min: 1, max: 500 }).default(50),
  cursor: z.string().min(1).max(1_000).exactOptional(),
});

const timelineQuery = z.strictObject({
  after: wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }).default(0),
  limit: wholeNumber({ min: 1, max: 1_000 }).default(200),
});

export function registerIncidentRoutes(app: FastifyInstance, incidents: IncidentReader): void {
  app.get('/incidents', async (request) => {
    const page = await incidents.list(queryOf(listQuery, request.query));
    return { incidents: page.incidents, nextCursor: page.nextCursor ?? null };
  });

  app.get<{ Params: { id: string } }>('/incidents/:id', async (request) => {
    const incident = await incidents.incident(request.params.id);
    if (incident === undefined) throw incidentUnknown(request.params.id);
    return incident;
  });

  app.get<{ Params: { id: string } }>('/incidents/:id/timeline', async (request) => {
    const { after, limit } = queryOf(timelineQuery, request.query);
    if (incidents.timeline === undefined) {
      throw new TimelineOffError('This server keeps current state only, no transitions to read.');
    }
    const range = { afterVersion: after, limit };
    const transitions = await incidents.timeline(request.params.id, range);
    if (transitions === undefined) throw incidentUnknown(request.params.id);
    return { transitions };
  });
}

export function incidentUnknown(id: string): IncidentUnknownError {
  return new IncidentUnknownError(`There is no incident ${JSON.stringify(id)}, or no longer.`);
}

function queryOf<T>(schema: z.ZodType<T>, query: unknown): T {
  const checked = check(schema, query);
  if (checked.ok) return checked.value;
  throw new QueryInvalidError(`Not valid: ${namesOf(checked.fields)}.`, { fields: checked.fields });
}

function oneOrMoreOf<const T extends readonly string[]>(values: T): z.ZodType<T[number][], string> {
  const message = `must be one or more of ${values.join(', ')}, separated by commas`;
  return z
    .string({ error: message })
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values, { error: message })));
}

function wholeNumber({ min, max }: { min: number; max: number }): z.ZodType<number, string> {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string({ error: message })
    .regex(/^\d{1,16}$/, { error: message })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: message });
}
