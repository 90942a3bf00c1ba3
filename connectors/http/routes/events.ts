import type { FastifyInstance } from 'fastify';
import { acceptOne, acceptValid, acceptWhole } from '../events/accept-batch.ts';
import { checkRoom } from '../events/check-room.ts';
import { AVRO, CLOUD_EVENT, CLOUD_EVENT_BATCH } from '../events/media-types.ts';
import { prefersLenient } from '../events/prefer.ts';
import { readEvents } from '../events/read-events.ts';
import { acceptJsonAs } from '../json-body.ts';
import type { EventIngest } from '../ports.ts';

/**
 * A batch is taken in whole or not at all, unless the client asks for leniency. One that was half accepted needs a
 * status that says both, which many clients read as success; refusing it whole loses nothing, since sending it again
 * costs nothing: the pipeline knows an event by its source and id.
 */
export function registerEventRoutes(
  app: FastifyInstance,
  ingest: EventIngest,
  options: { readonly maxBatchEvents: number },
): void {
  // In a scope of its own: no other route reads these media types.
  void app.register((scope, _options, done) => {
    acceptJsonAs(CLOUD_EVENT, scope);
    acceptJsonAs(CLOUD_EVENT_BATCH, scope);
    scope.addContentTypeParser([...AVRO], { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    );
    addEventRoute(scope, ingest, options);
    done();
  });
}

function addEventRoute(
  scope: FastifyInstance,
  ingest: EventIngest,
  options: { readonly maxBatchEvents: number },
): void {
  scope.post('/events', { preParsing: checkRoom(ingest) }, async (request, reply) => {
    const sent = await readEvents(request, ingest);
    if (sent.kind === 'batch' && prefersLenient(request.headers.prefer)) {
      const results = await acceptValid(sent, ingest, options);
      const accepted = results.filter(({ status }) => status === 202).length;
      return reply
        .code(207)
        .header('preference-applied', 'handling=lenient')
        .send({ accepted, refused: results.length - accepted, results });
    }
    const accepted =
      sent.kind === 'batch'
        ? await acceptWhole(sent, ingest, options)
        : [await acceptOne(sent.parsed, ingest)];
    return reply.code(202).send({ accepted: accepted.length, results: accepted });
  });
}
