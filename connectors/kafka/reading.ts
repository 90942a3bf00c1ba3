import type { Arrival, TopicPartition } from '@incident-streams/streams/kafka';
import type { Leader } from './cluster-metadata.ts';
import type { FetchedBatches } from './record-batch-decoder.ts';

/** What waits to be taken; batches are decoded when they are, not before. */
export type Waiting = FetchedBatches | Extract<Arrival, { type: 'out-of-range' }>;

/** One partition that is being read, from a `read` on until the next `read` or `stop` of it. */
export class Reading {
  readonly place: TopicPartition;
  /** What to ask for next; it lies behind all that waits. */
  nextOffset: number;
  /** As found when the reading began: another one later means that the topic was made anew. */
  topicId: string | undefined;
  leader: Leader | undefined;
  readonly waiting: Waiting[] = [];
  /** A request is under way for it. */
  busy = false;
  /** It waits for a while after a failure. */
  resting = false;
  /** Its offset does not exist: there is nothing to ask for any more. */
  over = false;
  endOffset: number | undefined;
  /** In a row. */
  failures = 0;
  failure: string | undefined;
  /** Counts answers of the whole reader: who was served longest ago is asked for first. */
  servedAt = 0;

  constructor(place: TopicPartition, fromOffset: number) {
    this.place = place;
    this.nextOffset = fromOffset;
  }

  get isWanted(): boolean {
    return !this.busy && !this.resting && !this.over && this.waiting.length < MOST_WAITING;
  }

  succeeded(): void {
    this.failures = 0;
    this.failure = undefined;
  }

  failed(reason: string): void {
    this.failures += 1;
    this.failure = reason;
    this.leader = undefined;
  }
}

/** One is being worked on, the other comes in meanwhile. */
const MOST_WAITING = 2;
