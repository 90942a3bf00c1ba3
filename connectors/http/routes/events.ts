import type { FastifyInstance } from 'fastify';
import { parseEventJson } from '../../../schemas/event-json.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import {
  BatchSizeError,
  BodyInvalidError,
  EventInvalidError,
  HttpProblemError,
  IngestUnavailableError,
} from '../errors.ts';
import type { FieldProblem } from '../errors.ts';
import type { EventIngest, RecordPlace } from '../ports.ts';
import { namesOf } from '../query.ts';

interface AcceptedEvent extends RecordPlace {
  readonly source: string;
  readonly id: string;
}

/**
 * A batch is taken in whole or not at all. One that was half accepted would need a status that says both, which
 * many clients read as success; refusing it whole loses nothing, since sending it again costs nothing: the
 * pipeline knows an event by its source and id.
 */
export function registerEventRoutes(
  app: FastifyInstance,
  events: EventIngest,
  options: { readonly maxBatchEvents: number },
): void {
  app.post('/events', async (request, reply) => {
    const accepted = Array.isArray(request.body)
      ? await acceptBatch(request.body, events, options)
      : [await acceptOne(request.body, events)];
    return reply.code(202).send({ accepted: accepted.length, results: accepted });
  });
}

async function acceptOne(body: unknown, events: EventIngest): Promise<AcceptedEvent> {
  if (body === undefined)
    throw new BodyInvalidError('Send one event as a JSON object, or several as an array.');
  const parsed = parseEventJson(body);
  if (!parsed.ok) {
    const fields = parsed.problems;
    throw new EventInvalidError(`Nothing was taken in. Not valid: ${namesOf(fields)}.`, { fields });
  }
  const place = await durably(() => events.append(parsed.event));
  return acceptedEvent(parsed.event, place);
}

async function acceptBatch(
  items: readonly unknown[],
  ingest: EventIngest,
  { maxBatchEvents }: { readonly maxBatchEvents: number },
): Promise<AcceptedEvent[]> {
  if (items.length === 0 || items.length > maxBatchEvents) {
    throw new BatchSizeError(`A batch holds 1 to ${maxBatchEvents} events; this one has ${items.length}.`);
  }
  const events = parseAll(items);
  const places = await durably(() => ingest.appendMany(events));
  return places.map((place, at) => acceptedEvent(events[at] as IncidentEvent, place));
}

function parseAll(items: readonly unknown[]): IncidentEvent[] {
  const events: IncidentEvent[] = [];
  const fields: FieldProblem[] = [];
  items.forEach((item, index) => {
    const parsed = parseEventJson(item);
    if (parsed.ok) events.push(parsed.event);
    else fields.push(...parsed.problems.map((problem) => ({ index, ...problem })));
  });
  if (fields.length === 0) return events;
  const bad = items.length - events.length;
  throw new EventInvalidError(
    `Nothing was taken in: ${bad} of ${items.length} events are not valid. Mend or leave them out and send the rest again.`,
    { fields },
  );
}

function acceptedEvent(event: IncidentEvent, place: RecordPlace): AcceptedEvent {
  return { source: event.source, id: event.id, ...place };
}

async function durably<T>(append: () => Promise<T>): Promise<T> {
  try {
    return await append();
  } catch (cause) {
    // Whoever would store them knows better what stands in the way.
    if (cause instanceof HttpProblemError) throw cause;
    throw new IngestUnavailableError(
      'The events could not be stored. Send them again: what is already known is counted once.',
      { cause },
    );
  }
}
