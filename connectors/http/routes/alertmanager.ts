import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { eventOfAlert } from '../alertmanager/event-of-alert.ts';
import { parsePayload } from '../alertmanager/payload.ts';
import type { Payload } from '../alertmanager/payload.ts';
import { appendDurably } from '../events/append-durably.ts';
import { checkRoom } from '../events/check-room.ts';
import type { EventIngest, RecordPlace } from '../ports.ts';

/** Alertmanager drops a group that is refused as too large, and its groups have no size unless `max_alerts` gives one. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface AlertmanagerRouteOptions {
  /** Events that are appended at a time. */
  readonly maxBatchEvents: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Receives what Prometheus Alertmanager's webhook sends: each alert of a group becomes an event. Alertmanager sends a
 * group again when it is answered with 5xx, and whatever was stored of it before is recognised then.
 */
export function registerAlertmanagerRoute(
  app: FastifyInstance,
  ingest: EventIngest,
  { maxBatchEvents, now }: AlertmanagerRouteOptions,
): void {
  const options = { bodyLimit: MAX_BODY_BYTES, preParsing: checkRoom(ingest) };
  app.post('/integrations/alertmanager', options, async (request, reply) => {
    const payload = parsePayload(request.body);
    const receivedAt = now();
    const alerts = payload.alerts.map((alert) => eventOfAlert(alert, payload, { receivedAt }));
    const places: RecordPlace[] = [];
    for (let at = 0; at < alerts.length; at += maxBatchEvents) {
      const events = alerts.slice(at, at + maxBatchEvents).map(({ event }) => event);
      places.push(...(await appendDurably(() => ingest.appendMany(events))));
    }
    const truncatedEvents = alerts.filter(({ isTruncated }) => isTruncated).length;
    logWhatIsMissing(request.log, payload, truncatedEvents);
    const results = places.map((place, at) => ({ id: alerts[at]?.event.id, ...place }));
    return reply.code(202).send({
      accepted: places.length,
      truncatedAlerts: payload.truncatedAlerts,
      truncatedEvents,
      results,
    });
  });
}

function logWhatIsMissing(
  log: FastifyBaseLogger,
  { truncatedAlerts, groupKey, receiver }: Payload,
  truncatedEvents: number,
): void {
  const group = { groupKey: groupKey.slice(0, 200), receiver: receiver.slice(0, 200) };
  if (truncatedAlerts > 0) {
    const message = 'Alertmanager has left alerts of a group out: raise max_alerts of its webhook';
    log.warn({ ...group, truncatedAlerts }, message);
  }
  if (truncatedEvents > 0) {
    log.warn(
      { ...group, truncatedEvents },
      'alerts have more or longer labels or annotations than an event takes',
    );
  }
}
