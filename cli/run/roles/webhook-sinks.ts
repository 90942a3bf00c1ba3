import type { AnySinkConnector } from '@incident-streams/streams/kafka';
import { createWebhookSink } from '../../../connectors/webhook/index.ts';
import type { WebhookEvent } from '../../../connectors/webhook/index.ts';
import { webhookSink } from '../../../topology/topics.ts';
import type { Log } from '../log.ts';
import { WebhookMetrics } from '../metrics/webhook-metrics.ts';
import type { ProcessParts } from '../process-parts.ts';
import { webhookOptionsOf } from '../webhook-options.ts';

/** A sink for each target of the configuration, by its name in the topology. */
export function webhookSinks({
  config,
  log,
  metrics,
}: Pick<ProcessParts, 'config' | 'log' | 'metrics'>): Record<string, AnySinkConnector> {
  const webhookMetrics = new WebhookMetrics(metrics);
  const onEvent = (event: WebhookEvent): void => {
    webhookMetrics.hear(event);
    logEvent(log, event);
  };
  return Object.fromEntries(
    Object.entries(config.webhooks).map(([name, webhook]) => [
      webhookSink(name),
      createWebhookSink({ ...webhookOptionsOf(name, webhook), onEvent }),
    ]),
  );
}

function logEvent(log: Log, event: WebhookEvent): void {
  const { type, ...facts } = event;
  const gone = event.type === 'dead-lettered' && event.gone;
  const message = gone ? `${type}: the target says that it is gone, take it out of the configuration` : type;
  log[levelOf(event.type)]({ event: `webhook-${type}`, ...facts }, `webhooks: ${message}`);
}

function levelOf(type: WebhookEvent['type']): 'debug' | 'warn' | 'error' {
  switch (type) {
    case 'attempt':
      return 'debug';
    case 'retrying':
      return 'warn';
    case 'dead-lettered':
      return 'error';
  }
}
