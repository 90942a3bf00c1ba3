import type { SinkDeliveryEvent, SinkEvent } from '@incident-streams/streams/kafka';
import type { Log } from '../log.ts';
import { RetryDigest } from './retry-digest.ts';

type SinkRetrying = Extract<SinkDeliveryEvent, { type: 'sink-retrying' }>;

/** Of those `webhook-retrying` says more: which alert it is, and when it is sent again. */
const TOLD_BY_THE_CONNECTOR = 'WEBHOOK_UNAVAILABLE';

/** Puts what the sinks tell into the log, each at the level that it deserves, and what repeats itself now and then. */
export class SinkLog {
  readonly #log: Log;
  readonly #retries: RetryDigest;

  constructor(log: Log, retries = new RetryDigest()) {
    this.#log = log;
    this.#retries = retries;
  }

  hear(event: SinkEvent): void {
    if (event.type === 'sink-retrying') this.#retrying(event);
    else if (event.type === 'sink-recovered') this.#write(event, this.#retries.recovered(event.connector));
    else this.#write(event);
  }

  #retrying(event: SinkRetrying): void {
    const trouble = this.#retries.failed(event);
    if (trouble !== undefined && event.code !== TOLD_BY_THE_CONNECTOR) this.#write(event, trouble);
  }

  #write(event: SinkEvent, more: object = {}): void {
    const { type, ...facts } = event;
    this.#log[levelOf(type)]({ event: type, ...facts, ...more }, `sinks: ${type}`);
  }
}

function levelOf(type: SinkEvent['type']): 'info' | 'warn' | 'error' {
  switch (type) {
    case 'sink-assigned':
    case 'sink-rebalancing':
    case 'sink-recovered':
    case 'sink-restored':
      return 'info';
    case 'sink-fenced':
    case 'sink-write-left':
    case 'sink-retrying':
    case 'sink-restoring':
      return 'warn';
    case 'sink-records-deleted':
      return 'error';
  }
}
