import { DeserializationError } from '@incident-streams/streams';
import type { FastifyRequest } from 'fastify';
import { parseEventJson } from '../../../schemas/event-json.ts';
import type { ParsedEvent } from '../../../schemas/event-json.ts';
import { BodyInvalidError, IngestUnavailableError } from '../errors.ts';
import { AvroInvalidError } from '../ingest-errors.ts';
import type { EventIngest } from '../ports.ts';
import { parseCloudEvent } from './cloud-event.ts';
import { cloudEventAttributes, isBinaryCloudEvent } from './cloud-event-headers.ts';
import { CLOUD_EVENT, CLOUD_EVENT_BATCH, mediaTypeOf } from './media-types.ts';

/** What one request brings: one event, or a batch of items that are read only once their number is known to fit. */
export type SentEvents =
  | { readonly kind: 'one'; readonly parsed: ParsedEvent }
  | {
      readonly kind: 'batch';
      readonly items: readonly unknown[];
      readonly parse: (item: unknown) => ParsedEvent;
    };

/** Reads the events of a request, in whichever of the forms that are understood its headers announce. */
export async function readEvents(request: FastifyRequest, ingest: EventIngest): Promise<SentEvents> {
  const { body, raw } = request;
  const mediaType = mediaTypeOf(raw.headers['content-type']);
  if (mediaType === CLOUD_EVENT) return { kind: 'one', parsed: parseCloudEvent(body) };
  if (mediaType === CLOUD_EVENT_BATCH) {
    if (!Array.isArray(body)) throw new BodyInvalidError('A batch of CloudEvents is a JSON array.');
    return { kind: 'batch', items: body, parse: parseCloudEvent };
  }
  if (isBinaryCloudEvent(raw)) return { kind: 'one', parsed: readBinary(request) };
  if (body instanceof Uint8Array) return { kind: 'one', parsed: await readAvro(body, ingest) };
  if (Array.isArray(body)) return { kind: 'batch', items: body, parse: parseEventJson };
  if (body === undefined)
    throw new BodyInvalidError('Send one event as a JSON object, or several as an array.');
  return { kind: 'one', parsed: parseEventJson(body) };
}

function readBinary({ raw, body }: FastifyRequest): ParsedEvent {
  const { attributes, problems } = cloudEventAttributes(raw);
  const contentType = raw.headers['content-type'];
  const parsed = parseCloudEvent({
    ...attributes,
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
    ...(body instanceof Uint8Array ? {} : { data: body }),
  });
  if (problems.length === 0) return parsed;
  return { ok: false, problems: [...problems, ...(parsed.ok ? [] : parsed.problems)] };
}

async function readAvro(bytes: Uint8Array, ingest: EventIngest): Promise<ParsedEvent> {
  try {
    // The same bounds as for JSON: what the schema allows is more than the pipeline takes.
    return parseEventJson({ ...(await ingest.readAvro(bytes)) });
  } catch (cause) {
    if (cause instanceof DeserializationError)
      throw new AvroInvalidError(`Nothing was taken in. ${cause.message}.`, { cause });
    throw new IngestUnavailableError('The schema registry could not be asked. Send the event again.', {
      cause,
    });
  }
}
