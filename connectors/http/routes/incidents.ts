import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SEVERITY_SYMBOLS } from '../../../schemas/generated/IncidentEvent.ts';
import { INCIDENT_STATUS_SYMBOLS } from '../../../schemas/generated/IncidentState.ts';
import { IncidentUnknownError, QueryInvalidError, TimelineOffError } from '../errors.ts';
import { explain } from '../explanation.ts';
import type { Evidence } from '../explanation.ts';
import type { IncidentReader } from '../incident-ports.ts';
import { check, namesOf } from '../query.ts';

/** More changes than these are left to the timeline, which has pages. */
const MAX_EXPLAINED = 1_000;
const LISTED = INCIDENT_STATUS_SYMBOLS.filter((status) => status !== 'CLOSED');

const listQuery = z.strictObject({
  status: oneOrMoreOf(LISTED, '; those that are CLOSED are history: ask for their timeline').exactOptional(),
  severity: oneOrMoreOf(SEVERITY_SYMBOLS).exactOptional(),
  service: text(),
  component: text(),
  since: time(),
  until: time(),
  text: text(),
  order: z.enum(['severity', 'newest', 'oldest']).default('severity'),
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
    const { incidents: shown, nextCursor = null, notLookedThrough = 0 } = page;
    return { incidents: shown, nextCursor, notLookedThrough };
  });

  app.get('/services', async () => {
    const { services, notLookedThrough = 0 } = await incidents.services();
    return { services, notLookedThrough };
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

  app.get<{ Params: { id: string } }>('/incidents/:id/explanation', async (request) => {
    const evidence = await evidenceOn(request.params.id, incidents, request.log);
    if (evidence === undefined) throw incidentUnknown(request.params.id);
    return explain(evidence);
  });
}

/** An incident that is closed is known to the history alone; one that is quite new, to the state alone. */
async function evidenceOn(
  id: string,
  incidents: IncidentReader,
  log: FastifyBaseLogger,
): Promise<Evidence | undefined> {
  const [current, history] = await Promise.all([incidents.incident(id), historyOf(id, incidents, log)]);
  const state = current ?? history.transitions?.at(-1)?.state;
  if (state === undefined) return undefined;
  return { state, ...history, rule: incidents.rule(state.ruleId) };
}

async function historyOf(
  id: string,
  incidents: IncidentReader,
  log: FastifyBaseLogger,
): Promise<Pick<Evidence, 'transitions' | 'whyNoHistory'>> {
  if (incidents.timeline === undefined) {
    return { transitions: undefined, whyNoHistory: 'this server keeps current state only' };
  }
  try {
    const transitions = await incidents.timeline(id, { afterVersion: 0, limit: MAX_EXPLAINED });
    return { transitions: transitions ?? [] };
  } catch (error) {
    log.warn({ err: error }, 'an incident is explained without its history');
    return { transitions: undefined, whyNoHistory: 'the history does not answer right now' };
  }
}

export function incidentUnknown(id: string): IncidentUnknownError {
  return new IncidentUnknownError(
    `There is no incident ${JSON.stringify(id)}, or it is closed: then its timeline may still tell of it.`,
  );
}

function queryOf<T>(schema: z.ZodType<T>, query: unknown): T {
  const checked = check(schema, query);
  if (checked.ok) return checked.value;
  throw new QueryInvalidError(`Not valid: ${namesOf(checked.fields)}.`, { fields: checked.fields });
}

function text() {
  return z
    .string({ error: 'must be a text, given once' })
    .min(1, { error: 'must not be empty' })
    .max(200, { error: 'must have at most 200 characters' })
    .exactOptional();
}

/** Milliseconds since the epoch, or ISO 8601 with its zone. */
function time() {
  const message = 'must be a time: milliseconds since the epoch, or ISO 8601 with its zone';
  const milliseconds = wholeNumber({ min: 0, max: 8.64e15 });
  const iso = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value));
  return z.union([milliseconds, iso], { error: message }).exactOptional();
}

function oneOrMoreOf<const T extends readonly string[]>(
  values: T,
  note = '',
): z.ZodType<T[number][], string> {
  const message = `must be one or more of ${values.join(', ')}, separated by commas${note}`;
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
