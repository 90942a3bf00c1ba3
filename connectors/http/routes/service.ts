import type { FastifyInstance } from 'fastify';
import type { LedgerCounts, LedgerReader, PartitionLedger, PartReadiness, Readiness } from '../ports.ts';

const URLS = {
  incidents: '/incidents{?status,severity,service,component,since,until,text,order,limit,cursor}',
  incident: '/incidents/{id}',
  timeline: '/incidents/{id}/timeline{?after,limit}',
  explanation: '/incidents/{id}/explanation',
  services: '/services',
  acknowledge: '/incidents/{id}/acknowledge',
  resolve: '/incidents/{id}/resolve',
  comment: '/incidents/{id}/comment',
  events: '/events',
  alertmanager: '/integrations/alertmanager',
  alerts: '/alerts{?after}',
  stats: '/stats',
  health: '/healthz',
  readiness: '/readyz',
};

/** What the service says about itself: its URLs, its ledger, whether it lives and whether it is ready. */
export function registerServiceRoutes(
  app: FastifyInstance,
  ports: { readonly ledger: LedgerReader; readonly readiness: Readiness },
): void {
  app.get('/', () => ({ name: 'incident-streams', urls: URLS }));

  app.get('/stats', async () => {
    const partitions = await ports.ledger.partitions();
    return { total: totalOf(partitions), partitions };
  });

  app.get('/healthz', () => ({ status: 'up' }));

  app.get('/readyz', async (_request, reply) => {
    const parts = await ports.readiness.parts();
    const ready = parts.every(isNoObstacle);
    return reply.code(ready ? 200 : 503).send({ ready, parts });
  });
}

function isNoObstacle({ state }: PartReadiness): boolean {
  return state === 'ready' || state === 'off';
}

function totalOf(partitions: readonly PartitionLedger[]): LedgerCounts {
  const total = { received: 0, applied: 0, duplicates: 0, late: 0, deadLettered: 0 };
  for (const counts of partitions) {
    total.received += counts.received;
    total.applied += counts.applied;
    total.duplicates += counts.duplicates;
    total.late += counts.late;
    total.deadLettered += counts.deadLettered;
  }
  return total;
}
