import type { ParsedEvent } from '../../../schemas/event-json.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import { BatchSizeError, EventInvalidError } from '../errors.ts';
import type { FieldProblem } from '../errors.ts';
import type { EventIngest, RecordPlace } from '../ports.ts';
import { problemBody } from '../problem-reply.ts';
import { namesOf } from '../query.ts';
import { appendDurably } from './append-durably.ts';
import type { SentEvents } from './read-events.ts';

export interface AcceptedEvent extends RecordPlace {
  readonly source: string;
  readonly id: string;
}

/** What became of one item of a batch that was taken leniently: where it is, or what is wrong with it. */
export type ItemResult =
  | ({ readonly index: number; readonly status: 202 } & AcceptedEvent)
  | { readonly index: number; readonly status: 400; readonly problem: object };

type Batch = Extract<SentEvents, { readonly kind: 'batch' }>;

export async function acceptOne(parsed: ParsedEvent, ingest: EventIngest): Promise<AcceptedEvent> {
  if (!parsed.ok) {
    throw invalid(`Nothing was taken in. Not valid: ${namesOf(parsed.problems)}.`, parsed.problems);
  }
  const place = await appendDurably(() => ingest.append(parsed.event));
  return acceptedEvent(parsed.event, place);
}

/** Takes all of them, or none. */
export async function acceptWhole(
  { items, parse }: Batch,
  ingest: EventIngest,
  options: { readonly maxBatchEvents: number },
): Promise<AcceptedEvent[]> {
  requireSize(items, options);
  const events: IncidentEvent[] = [];
  const fields: FieldProblem[] = [];
  items.forEach((item, index) => {
    const parsed = parse(item);
    if (parsed.ok) events.push(parsed.event);
    else fields.push(...parsed.problems.map((problem) => ({ index, ...problem })));
  });
  if (fields.length > 0) {
    const bad = items.length - events.length;
    throw invalid(
      `Nothing was taken in: ${bad} of ${items.length} events are not valid. Mend or leave them out and send the rest again.`,
      fields,
    );
  }
  return appendAll(events, ingest);
}

/** Takes those that are valid. When these cannot be stored, the request as a whole has failed. */
export async function acceptValid(
  { items, parse }: Batch,
  ingest: EventIngest,
  options: { readonly maxBatchEvents: number },
): Promise<ItemResult[]> {
  requireSize(items, options);
  const parsed = items.map(parse);
  const accepted = await appendAll(
    parsed.flatMap((item) => (item.ok ? [item.event] : [])),
    ingest,
  );
  let next = 0;
  return parsed.map((item, index) => {
    if (item.ok) return { index, status: 202, ...(accepted[next++] as AcceptedEvent) };
    const detail = `Not valid: ${namesOf(item.problems)}.`;
    return { index, status: 400, problem: problemBody(invalid(detail, item.problems)) };
  });
}

async function appendAll(events: readonly IncidentEvent[], ingest: EventIngest): Promise<AcceptedEvent[]> {
  if (events.length === 0) return [];
  const places = await appendDurably(() => ingest.appendMany(events));
  return places.map((place, at) => acceptedEvent(events[at] as IncidentEvent, place));
}

function requireSize(
  items: readonly unknown[],
  { maxBatchEvents }: { readonly maxBatchEvents: number },
): void {
  if (items.length > 0 && items.length <= maxBatchEvents) return;
  throw new BatchSizeError(`A batch holds 1 to ${maxBatchEvents} events; this one has ${items.length}.`);
}

function invalid(detail: string, fields: readonly FieldProblem[]): EventInvalidError {
  return new EventInvalidError(detail, { fields });
}

function acceptedEvent(event: IncidentEvent, place: RecordPlace): AcceptedEvent {
  return { source: event.source, id: event.id, ...place };
}
