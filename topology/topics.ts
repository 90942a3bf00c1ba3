/** The pipeline's topics. What each holds, and under which key, is described in ARCHITECTURE.md. */
export const TOPICS = {
  events: 'incident.events',
  inbox: 'incident.inbox',
  windows: 'incident.windows',
  state: 'incident.state',
  transitions: 'incident.transitions',
  verdicts: 'incident.verdicts',
  deadLetters: 'incident.dead-letters',
} as const;

/** The names under which the runtime binds connectors. */
export const SINKS = {
  redis: 'redis',
  transitionHistory: 'clickhouse-transitions',
  windowHistory: 'clickhouse-windows',
  eventHistory: 'clickhouse-events',
  deadLetterHistory: 'clickhouse-dead-letters',
} as const;

/** The same for one of the webhooks. */
export const webhookSink = (name: string): string => `webhook-${name}`;
