import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { AlertClient } from '../alert-client.ts';
import { AlertClientsError, QueryInvalidError, ServerClosingError } from '../errors.ts';
import type { FieldProblem } from '../errors.ts';
import type { AlertStreamOptions } from '../options.ts';
import type { AlertFeed } from '../ports.ts';
import { check, namesOf } from '../query.ts';

const position = z.string().regex(/^[\x21-\x7e]{1,1000}$/, { error: 'must be the id of an alert' });
const alertsQuery = z.strictObject({ after: position.exactOptional() });

/** Alerts as server-sent events. A browser's EventSource resumes by itself: it sends back the last id it saw. */
export function registerAlertRoutes(
  app: FastifyInstance,
  feed: AlertFeed,
  options: AlertStreamOptions,
): void {
  const clients = new Set<AlertClient>();
  const heartbeat = setInterval(() => clients.forEach((client) => client.heartbeat()), options.heartbeatMs);
  heartbeat.unref();
  let closing = false;

  app.addHook('preClose', (done) => {
    closing = true;
    clearInterval(heartbeat);
    for (const client of clients) {
      client.end({ code: 'HTTP_SERVER_CLOSING', detail: 'The server shuts down. Connect again later.' });
    }
    done();
  });

  app.get('/alerts', { exposeHeadRoute: false }, async (request, reply) => {
    const asked = askedPosition(request.headers['last-event-id'], request.query);
    const after = asked ?? (await feed.position());
    if (closing) throw new ServerClosingError('The server is shutting down. Try again later.');
    if (clients.size >= options.maxClients) {
      throw new AlertClientsError(`At most ${options.maxClients} subscribers are served at a time.`);
    }
    if (reply.raw.destroyed) return reply.hijack();

    const client = new AlertClient(reply.raw, options);
    clients.add(client);
    reply.raw.once('close', () => clients.delete(client));
    try {
      subscribe(feed, { client, reply, after });
    } catch (error) {
      clients.delete(client);
      if (!reply.raw.headersSent) throw error;
      request.log.error(error);
      client.end({ code: 'HTTP_INTERNAL', detail: 'The feed failed. Connect again.' });
    }
    return reply;
  });
}

/** The head is written with the first alert, or when the feed has taken the position: before, a refusal can be sent. */
function subscribe(
  feed: AlertFeed,
  { client, reply, after }: { client: AlertClient; reply: FastifyReply; after: string },
): void {
  const begin = (): void => {
    if (reply.raw.headersSent) return;
    reply.hijack();
    const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8' };
    reply.raw.writeHead(200, headers as Record<string, string>);
    client.start(after);
  };
  const unsubscribe = feed.open(after, (alert) => {
    begin();
    client.send(alert);
  });
  begin();
  client.endsWith(unsubscribe);
}

/** `?after=` is for clients that cannot set headers; the header, being younger, wins. */
function askedPosition(header: string | string[] | undefined, query: unknown): string | undefined {
  const fromHeader = header === undefined || header === '' ? undefined : String(header);
  const checked = check(alertsQuery, query);
  if (!checked.ok) throw notValid(checked.fields);
  if (fromHeader === undefined) return checked.value.after;
  const checkedHeader = check(position, fromHeader);
  if (!checkedHeader.ok) throw notValid([{ field: 'Last-Event-ID', message: 'must be the id of an alert' }]);
  return checkedHeader.value;
}

function notValid(fields: readonly FieldProblem[]): QueryInvalidError {
  return new QueryInvalidError(`Not valid: ${namesOf(fields)}.`, { fields });
}
