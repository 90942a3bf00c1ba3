import { setTimeout as sleep } from 'node:timers/promises';
import { RedisConnection } from '../redis-connection.ts';
import { RedisForbiddenError, RedisUnavailableError } from '../redis-errors.ts';
import { RedisKeys } from '../redis-keys.ts';
import { openRedisSubscriber } from '../redis-subscriber.ts';
import type { RedisSubscriber } from '../redis-subscriber.ts';
import { channelsOf, passes } from './alert-filter.ts';
import { AlertPosition, BEFORE_ALL, parsePosition } from './alert-position.ts';
import { ConnectionStatus } from './alert-status.ts';
import type { AlertDelivery, AlertSubscription, SubscribeAlertsOptions } from './alert-subscription.ts';
import { AlertStreams, parseEntry } from './alert-streams.ts';
import type { AlertPage } from './alert-streams.ts';
import { Bell } from './bell.ts';

const DEFAULT_POLL_MS = 2_000;
/** Where Redis answers at once that it cannot: it loads its data, or its cluster is down. */
const RETRY_MS = 250;

interface Start {
  readonly position: AlertPosition;
  /** It as it was at the start: it moves on. */
  readonly text: string;
}

interface Round {
  readonly pages: readonly AlertPage[];
  /** Why some partitions were not read: in a cluster one node may be away while others answer. */
  readonly failure: RedisUnavailableError | undefined;
}

/** Reads the streams when a message, the end of an interruption or the clock says that there may be news. */
export class StreamSubscription implements AlertSubscription {
  readonly #options: SubscribeAlertsOptions;
  readonly #connection: RedisConnection;
  readonly #streams: AlertStreams;
  readonly #subscriber: RedisSubscriber;
  readonly #status: ConnectionStatus;
  readonly #news = new Bell();
  readonly #closing = new AbortController();
  /** Undefined where it was closed before. */
  readonly #start: Promise<Start | undefined>;
  readonly #deliveries: AsyncGenerator<AlertDelivery, void, undefined>;
  #position: AlertPosition | undefined;
  #partitions = 0;
  /** The user may not listen: it is no use to try again. */
  #refusal: RedisForbiddenError | undefined;

  constructor(options: SubscribeAlertsOptions) {
    const { from, signal } = options;
    if (from !== 'now') this.#position = from === 'beginning' ? new AlertPosition() : parsePosition(from);
    this.#options = options;
    const keys = new RedisKeys(options.prefix);
    this.#connection = new RedisConnection(options);
    this.#streams = new AlertStreams(this.#connection, keys);
    this.#status = new ConnectionStatus(
      (status) => this.#closing.signal.aborted || options.onStatus?.(status),
    );
    this.#subscriber = openRedisSubscriber(options, {
      channels: channelsOf(options, keys.alertChannel),
      onMessage: () => this.#news.ring(),
      onSubscribed: () => this.#listening(),
      onInterrupted: (error) => this.#interrupted(error),
    });
    this.#start = this.#begin();
    // Whoever iterates or asks is told; it may be that nobody does.
    this.#start.catch(() => undefined);
    this.#deliveries = this.#deliver();
    signal?.addEventListener('abort', () => void this.close(), { signal: this.#closing.signal });
    if (signal?.aborted === true) void this.close();
  }

  get position(): string | undefined {
    return this.#position?.toString();
  }

  async begun(): Promise<string | undefined> {
    return (await this.#start)?.text;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#news.ring();
    this.#connection.close();
    await this.#subscriber.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<AlertDelivery, void, undefined> {
    return this.#deliveries;
  }

  #listening(): void {
    this.#status.up('listening');
    this.#news.ring();
  }

  #interrupted(error: Error): void {
    if (error instanceof RedisForbiddenError) this.#refusal = error;
    this.#status.down('listening', error.message);
    this.#news.ring();
  }

  async #begin(): Promise<Start | undefined> {
    const position = await this.#untilAnswered(async () => {
      this.#partitions = Math.max(this.#position?.ids.length ?? 0, await this.#streams.partitions());
      return this.#position ?? new AlertPosition(await this.#lastIds());
    });
    if (position === undefined) return undefined;
    this.#position = position;
    return { position, text: position.toString() };
  }

  #lastIds(): Promise<string[]> {
    return Promise.all(this.#eachPartition((partition) => this.#streams.lastId(partition)));
  }

  async *#deliver(): AsyncGenerator<AlertDelivery, void, undefined> {
    try {
      const start = await this.#start;
      if (start === undefined) return;
      const { position } = start;
      for (;;) {
        this.#news.reset();
        const round = await this.#untilAnswered(() => this.#readRound(position));
        if (round === undefined) return;
        for (const page of round.pages) yield* this.#handOver(page, position);
        if (!round.pages.some(({ isFull }) => isFull)) await this.#news.wait(this.#pauseMs(round));
      }
    } finally {
      await this.close();
    }
  }

  *#handOver(page: AlertPage, position: AlertPosition): Generator<AlertDelivery, void, undefined> {
    const { partition, entries, hasGap } = page;
    const [first] = entries;
    if (first !== undefined && hasGap && this.#cares(partition, position)) {
      this.#status.gap({ partition, after: position.after(partition), before: first.id });
    }
    for (const entry of entries) {
      if (this.#closing.signal.aborted) return;
      const alert = parseEntry(partition, entry);
      position.advance(partition, entry.id);
      if (passes(this.#options, alert)) yield { alert, position: position.toString() };
    }
  }

  /** From the beginning means: from what is kept. */
  #cares(partition: number, position: AlertPosition): boolean {
    return this.#options.from !== 'beginning' || position.after(partition) !== BEFORE_ALL;
  }

  #pauseMs({ failure }: Round): number {
    return failure === undefined ? (this.#options.pollMs ?? DEFAULT_POLL_MS) : RETRY_MS;
  }

  /** A page of each partition that was known before; those that came since ring for another round. */
  async #readRound(position: AlertPosition): Promise<Round> {
    const [partitions, ...pages] = await Promise.allSettled([
      this.#streams.partitions(),
      ...this.#eachPartition((partition) => this.#streams.pageAfter(partition, position.after(partition))),
    ]);
    if (partitions.status === 'fulfilled' && partitions.value > this.#partitions) {
      this.#partitions = partitions.value;
      this.#news.ring();
    }
    const read = pages.flatMap((page) => (page.status === 'fulfilled' ? [page.value] : []));
    const failure = unavailableIn([partitions, ...pages]);
    if (failure === undefined) this.#status.up('reading');
    else if (read.length === 0) throw failure;
    else this.#status.down('reading', failure.message);
    return { pages: read, failure };
  }

  #eachPartition<T>(work: (partition: number) => T): T[] {
    return Array.from({ length: this.#partitions }, (_, partition) => work(partition));
  }

  /** Asks until Redis answers; undefined when the subscription is closed meanwhile. */
  async #untilAnswered<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#closing;
    for (;;) {
      try {
        if (this.#refusal !== undefined) throw this.#refusal;
        const answer = await ask();
        return signal.aborted ? undefined : answer;
      } catch (error) {
        if (signal.aborted) return undefined;
        if (!(error instanceof RedisUnavailableError)) throw error;
        this.#status.down('reading', error.message);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

/** Throws any other failure: waiting does not help there. */
function unavailableIn(results: readonly PromiseSettledResult<unknown>[]): RedisUnavailableError | undefined {
  const reasons = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  const other = reasons.find((reason): reason is Error => !(reason instanceof RedisUnavailableError));
  if (other !== undefined) throw other;
  return reasons[0] as RedisUnavailableError | undefined;
}
