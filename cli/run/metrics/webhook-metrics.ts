import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { WebhookEvent } from '../../../connectors/webhook/index.ts';

/** What the webhook sinks do, in numbers. `docs/metrics.md` says what each means. */
export class WebhookMetrics {
  readonly #accepted: Counter<'target'>;
  readonly #retries: Counter<'target'>;
  readonly #deadLetters: Counter<'target'>;
  readonly #addressesRefused: Counter<'target'>;
  readonly #requests: Histogram<'target' | 'result'>;

  constructor(registry: Registry) {
    const counter = (name: string, help: string): Counter<'target'> =>
      new Counter({
        name: `incidents_webhook_${name}_total`,
        help,
        labelNames: ['target'],
        registers: [registry],
      });
    this.#accepted = counter('accepted', 'Alerts that the target has accepted.');
    this.#retries = counter('retries', 'Attempts that failed and are made again.');
    this.#deadLetters = counter('dead_letters', 'Alerts that were given up.');
    this.#addressesRefused = counter(
      'addresses_refused',
      'Attempts that led to an address that is not allowed.',
    );
    this.#requests = new Histogram({
      name: 'incidents_webhook_request_seconds',
      help: 'How long a request took.',
      labelNames: ['target', 'result'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
      registers: [registry],
    });
  }

  hear(event: WebhookEvent): void {
    const { target } = event;
    switch (event.type) {
      case 'attempt':
        this.#requests.observe({ target, result: event.result }, event.durationMs / 1_000);
        if (event.result === 'accepted') this.#accepted.inc({ target });
        if (event.result === 'address-refused') this.#addressesRefused.inc({ target });
        break;
      case 'retrying':
        this.#retries.inc({ target });
        break;
      case 'dead-lettered':
        this.#deadLetters.inc({ target });
        break;
    }
  }
}
