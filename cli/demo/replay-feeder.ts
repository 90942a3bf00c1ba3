import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { NO_HEADERS } from '@incident-streams/streams';
import type { OutgoingRecord } from '@incident-streams/streams';
import type { Arrival, ArrivalSequence } from '../../replay/arrival-sequence.ts';
import { TOPICS } from '../../topology/topics.ts';
import { isLive } from '../pipeline/live-mark.ts';
import { newestInInbox } from '../pipeline/newest-in-inbox.ts';
import type { PipelineClock } from '../pipeline/pipeline-clock.ts';
import { tickRecords } from '../pipeline/pipeline.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

const PRODUCER = 'replay';
const RECORDS_PER_CHUNK = 2_000;
/** While more wait than this, the tasks have the floor. */
const MAX_LAG = 10_000;
/** After the last arrival time goes on so far, so that what is over can end. */
const SETTLE_MS = 3_600_000;

export interface FeedOptions {
  readonly pipeline: Pipeline;
  readonly arrivals: ArrivalSequence;
  readonly clock: PipelineClock;
  readonly onProgress: (fed: number, receivedAt: number) => void;
  readonly isStopped: () => boolean;
}

/**
 * Feeds the arrivals into `incident.events`, from where an earlier run was cut off: how far it has come is stored in the
 * same transaction as the records. Returns how many arrivals this run has fed, once all of them are processed.
 */
export async function feedReplay(options: FeedOptions): Promise<number> {
  const { pipeline, arrivals, clock, onProgress, isStopped } = options;
  const { runtime } = pipeline;
  const start = runtime.producerPosition(PRODUCER) ?? 0;
  let position = start;
  for (const chunk of chunksOf(arrivals.from(start))) {
    position += chunk.length;
    const receivedAt = chunk.at(-1)?.receivedAt ?? 0;
    clock.replayTo(receivedAt);
    runtime.produce(chunk.map(recordOf), { producer: PRODUCER, value: position });
    onProgress(position, receivedAt);
    while (runtime.lag() > MAX_LAG && runtime.failure() === undefined && !isStopped())
      await yieldToEventLoop();
    if (isStopped()) return position - start;
  }
  await runtime.whenProcessed();
  await settle(options, position);
  return Math.max(0, position - start);
}

/** Lets time go on once behind the last arrival; a run that was cut off before this does it now. */
async function settle({ pipeline, arrivals, clock }: FeedOptions, position: number): Promise<void> {
  const { runtime } = pipeline;
  const settledAt = (arrivals.span?.lastAt ?? 0) + SETTLE_MS;
  clock.replayTo(settledAt);
  if (position === arrivals.size) {
    const end = { producer: PRODUCER, value: arrivals.size + 1 };
    runtime.produce(tickRecords(pipeline, settledAt, 'end-of-replay'), end);
  }
  await runtime.whenProcessed();
  // An earlier run may have served for a while: time never goes back.
  clock.replayTo(Math.max(settledAt, newestInInbox(pipeline)));
  clock.replayEnded();
  if (isLive(pipeline)) clock.goLive();
}

function recordOf(arrival: Arrival): OutgoingRecord {
  return {
    topic: TOPICS.events,
    timestamp: arrival.receivedAt,
    key: null,
    value: arrival.bytes,
    headers: NO_HEADERS,
  };
}

function* chunksOf(arrivals: Iterable<Arrival>): Iterable<Arrival[]> {
  let chunk: Arrival[] = [];
  for (const arrival of arrivals) {
    chunk.push(arrival);
    if (chunk.length === RECORDS_PER_CHUNK) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
