import type { KafkaAdmin, CommittedOffset, TopicPartition } from '@incident-streams/streams/kafka';

/** More questions than these are not kept open: the newest is replaced. */
const MAX_OPEN = 1_000;

interface Asked {
  readonly atMs: number;
  readonly ends: readonly number[];
}

export interface RoutedUpToOptions {
  /** The partitions that events arrive in. */
  readonly places: readonly TopicPartition[];
  readonly admin: Pick<KafkaAdmin, 'offsetRange'>;
  /** What the topology's group has committed; a partition without a commit is left out. */
  readonly committed: (places: readonly TopicPartition[]) => Promise<readonly CommittedOffset[]>;
  readonly now: () => number;
}

/**
 * Knows a time for which it is certain that every event received before it has reached the inbox: the end of the
 * events, as it was then, has been committed since, and the commit wrote the inbox, too.
 */
export class RoutedUpTo {
  readonly #options: RoutedUpToOptions;
  #open: Asked[] = [];
  #routedUpToMs = 0;

  constructor(options: RoutedUpToOptions) {
    this.#options = options;
  }

  /** Asks the brokers; resolves with the latest such time in milliseconds since the epoch, 0 where none is known yet. */
  async ask(): Promise<number> {
    const { places, admin, committed, now } = this.#options;
    const atMs = now();
    const ranges = await Promise.all(places.map((place) => admin.offsetRange(place)));
    if (this.#open.length >= MAX_OPEN) this.#open.pop();
    // Beyond what is decided, too: events whose transaction is still open were sent before now.
    this.#open.push({ atMs, ends: ranges.map(({ highWatermark }) => highWatermark) });
    const offsets = new Map((await committed(places)).map(({ partition, offset }) => [partition, offset]));
    const reached = places.map(({ partition }, at) => {
      return Math.max(offsets.get(partition) ?? 0, ranges[at]?.start ?? 0);
    });
    const isRouted = ({ ends }: Asked): boolean => ends.every((end, at) => end <= (reached[at] ?? 0));
    const routed = this.#open.findLastIndex(isRouted);
    this.#routedUpToMs = this.#open[routed]?.atMs ?? this.#routedUpToMs;
    this.#open = this.#open.slice(routed + 1);
    return this.#routedUpToMs;
  }
}
