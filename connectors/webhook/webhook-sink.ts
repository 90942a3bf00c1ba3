import { setTimeout as sleep } from 'node:timers/promises';
import { formatPosition } from '@incident-streams/streams';
import type { SinkBatch, SinkConnector, SinkSource } from '@incident-streams/streams';
import { alertOf } from '../../schemas/alert.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { createAlertFilter } from './alert-filter.ts';
import { Delivery } from './delivery.ts';
import type { DeliveryLimits } from './delivery.ts';
import { WebhookClosedError, WebhookGivenUpError, WebhookUnavailableError } from './errors.ts';
import type { WebhookEvent } from './events.ts';
import type { WebhookSinkOptions } from './options.ts';
import { post } from './post.ts';
import type { PostResult } from './post.ts';
import { RateLimit } from './rate-limit.ts';
import { judge } from './retry-policy.ts';
import { signatureHeader } from './signature.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';

/** A batch that fails in the middle is sent again from its beginning after a crash, so it is small. */
const MAX_BATCH_RECORDS = 50;
/** A batch that waits for nothing but the rate limit takes about so long: a rebalance has to wait for it. */
const BATCH_SECONDS = 5;
/** A write does not wait longer than this for the next attempt: it fails, and the runtime says so and comes again. */
const MAX_WAIT_MS = 5_000;

/**
 * Posts alerts to one target, signed after Standard Webhooks.
 *
 * 1. Each alert is sent at least once, under an id that never changes: a receiver that keeps ids has each one once.
 * 2. The alerts of one incident arrive in their order: the next is sent when the one before has been accepted or given up.
 * 3. What the target will not take becomes a dead letter, and what comes after it is sent.
 *
 * @throws {WebhookTargetError}
 */
export function createWebhookSink(options: WebhookSinkOptions): SinkConnector<string, IncidentTransition> {
  return new WebhookSink(options);
}

/** How far a batch has come, for when it is delivered again to the same process. */
interface BatchProgress {
  readonly firstOffset: number;
  readonly lastOffset: number;
  nextOffset: number;
  delivery: Delivery | undefined;
}

/** Where the record of an alert lies. */
interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

class WebhookSink implements SinkConnector<string, IncidentTransition> {
  readonly maxBatchRecords: number;
  readonly #target: Target;
  readonly #isWanted: (alert: Alert) => boolean;
  readonly #limits: DeliveryLimits;
  readonly #rateLimit: RateLimit;
  readonly #onEvent: (event: WebhookEvent) => void;
  readonly #closing = new AbortController();
  readonly #progress = new Map<number, BatchProgress>();
  /** The target has asked for a pause until then. */
  #pausedUntilMs = 0;
  #source: SinkSource | undefined;

  constructor(options: WebhookSinkOptions) {
    const { requestsPerSecond = 10, maxAttempts = 15, giveUpAfterMs = 900_000 } = options;
    const { firstBackoffMs: firstMs = 1_000, maxBackoffMs: maxMs = 120_000 } = options;
    this.#target = targetOf(options);
    this.#isWanted = createAlertFilter(options.filter ?? {});
    this.#limits = { maxAttempts, giveUpAfterMs, backoff: { firstMs, maxMs } };
    this.#rateLimit = new RateLimit(requestsPerSecond);
    this.#onEvent = options.onEvent ?? (() => undefined);
    this.maxBatchRecords = Math.min(
      Math.max(Math.floor(requestsPerSecond * BATCH_SECONDS), 1),
      MAX_BATCH_RECORDS,
    );
  }

  open(source: SinkSource): Promise<void> {
    this.#source = source;
    return Promise.resolve();
  }

  /** A target is told things; it keeps no mark. */
  appliedOffset(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async write(batch: SinkBatch<string, IncidentTransition>): Promise<void> {
    if (batch.mode === 'restore') return;
    const progress = this.#progressOf(batch);
    for (const { offset, value } of batch.records) {
      if (offset < progress.nextOffset) continue;
      const alert = value === null ? null : alertOf(value);
      if (alert !== null && this.#isWanted(alert)) {
        progress.delivery ??= new Delivery(this.#limits);
        await this.#deliver(alert, progress.delivery, { ...batch, offset });
      }
      progress.nextOffset = offset + 1;
      progress.delivery = undefined;
    }
    this.#progress.delete(batch.partition);
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#target.agent.destroy();
    return Promise.resolve();
  }

  /** A batch that is not the one before was begun elsewhere, or never. */
  #progressOf({ partition, firstOffset, lastOffset }: SinkBatch<string, IncidentTransition>): BatchProgress {
    const known = this.#progress.get(partition);
    if (known?.firstOffset === firstOffset && known.lastOffset === lastOffset) return known;
    const progress = { firstOffset, lastOffset, nextOffset: firstOffset, delivery: undefined };
    this.#progress.set(partition, progress);
    return progress;
  }

  /** Makes one attempt, when it is due. Resolves when the alert was accepted or is a dead letter. */
  async #deliver(alert: Alert, delivery: Delivery, place: Place): Promise<void> {
    if (delivery.givenUp === undefined) {
      await this.#untilDue(delivery);
      const verdict = judge(await this.#attempt(alert, delivery), Date.now());
      if (verdict.type === 'accepted') return;
      delivery.hasFailed(verdict);
      if (verdict.type === 'again' && verdict.notBeforeMs > 0)
        this.#pausedUntilMs = Math.max(this.#pausedUntilMs, delivery.dueAtMs);
    }
    if (delivery.givenUp !== undefined) return this.#giveUp(alert, delivery, place);
    const { attempts, failure: reason } = delivery;
    const inMs = Math.max(Math.round(delivery.dueAtMs - performance.now()), 0);
    this.#onEvent({ type: 'retrying', target: this.#target.name, id: alert.id, reason, attempts, inMs });
    throw this.#unavailable(delivery);
  }

  async #untilDue(delivery: Delivery): Promise<void> {
    const waitMs = Math.max(delivery.dueAtMs, this.#pausedUntilMs) - performance.now();
    if (waitMs <= 0) return;
    await this.#unlessClosed(
      sleep(Math.min(waitMs, MAX_WAIT_MS), undefined, { signal: this.#closing.signal }),
    );
    if (waitMs > MAX_WAIT_MS) throw this.#unavailable(delivery);
  }

  async #attempt(alert: Alert, delivery: Delivery): Promise<PostResult> {
    const { signal } = this.#closing;
    const { name: target, keys } = this.#target;
    await this.#unlessClosed(this.#rateLimit.take(signal));
    const body = Buffer.from(JSON.stringify(alert));
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const { id } = alert;
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'incident-streams',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureHeader(keys, { id, timestamp, body }),
    };
    delivery.begins();
    const startedAtMs = performance.now();
    const result = await post(this.#target, { headers, body, signal });
    // Cut off: whether it arrived is not known, so it is no attempt that failed.
    if (signal.aborted && result.status === undefined) throw this.#closed();
    const durationMs = performance.now() - startedAtMs;
    this.#onEvent({ type: 'attempt', target, id, result: outcomeOf(result), durationMs });
    return result;
  }

  async #giveUp(alert: Alert, delivery: Delivery, place: Place): Promise<void> {
    const { attempts, givenUp } = delivery;
    const { name: target } = this.#target;
    const { reason, gone } = givenUp ?? { reason: delivery.failure, gone: false };
    const error = new WebhookGivenUpError(
      `webhook ${target}: alert ${alert.id} at ${formatPosition(place)} was given up after ${attempts} attempt(s): ${reason}`,
    );
    if (this.#source === undefined) throw error;
    await this.#source.deadLetter({ partition: place.partition, offset: place.offset }, error);
    this.#onEvent({ type: 'dead-lettered', target, id: alert.id, reason, attempts, gone });
  }

  #unavailable({ attempts, failure }: Delivery): WebhookUnavailableError {
    const { name } = this.#target;
    const why = attempts === 0 ? 'it has asked for a pause' : `attempt ${attempts} failed: ${failure}`;
    return new WebhookUnavailableError(`webhook ${name}: ${why}; tried again later`);
  }

  #closed(): WebhookClosedError {
    return new WebhookClosedError(`webhook ${this.#target.name}: the sink is closed`);
  }

  async #unlessClosed(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      throw this.#closing.signal.aborted ? this.#closed() : error;
    }
  }
}

function outcomeOf(result: PostResult): 'accepted' | 'failed' | 'address-refused' {
  if (result.status === undefined) return result.addressRefused ? 'address-refused' : 'failed';
  return result.status >= 200 && result.status < 300 ? 'accepted' : 'failed';
}
