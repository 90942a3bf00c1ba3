import { ProtocolError } from '@platformatic/kafka';
import type {
  Arrival,
  OffsetRange,
  PartitionReader,
  ReaderOptions,
  TopicPartition,
} from '@incident-streams/streams/kafka';
import { protocolErrorOf, reasonOf } from './broker-errors.ts';
import type { BrokerRequests } from './broker-requests.ts';
import { fetchV13 } from './fetch-api.ts';
import type { FetchedPartition } from './fetch-api.ts';
import { FetchLanes } from './fetch-lanes.ts';
import type { FetchLane } from './fetch-lanes.ts';
import { answerKey, requestFor } from './fetch-request.ts';
import { offsetRange } from './offset-range.ts';
import { nameOf } from './partition-name.ts';
import { Reading } from './reading.ts';
import { decodeBatches, nextOffsetOf } from './record-batch-decoder.ts';
import { backoffMs } from './retrying.ts';

/** Reads committed records, each partition from the broker that leads it. */
export class BrokerPartitionReader implements PartitionReader {
  readonly #requests: BrokerRequests;
  readonly #lanes: FetchLanes;
  readonly #onArrival: () => void;
  readonly #onClose: (() => void) | undefined;
  readonly #maxPartitionBytes: number;
  readonly #readings = new Map<string, Reading>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #rests = new Set<NodeJS.Timeout>();
  #answers = 0;
  #turnIsDue = false;
  #closed = false;

  /** `requests`: for all but fetching; connections for that are made here. */
  constructor(requests: BrokerRequests, options: ReaderOptions, onClose?: () => void) {
    this.#onClose = onClose;
    this.#requests = requests;
    this.#lanes = new FetchLanes(requests, options.maxWaitMs ?? DEFAULT_MAX_WAIT_MS);
    this.#onArrival = options.onArrival;
    this.#maxPartitionBytes = options.maxPartitionBytes ?? DEFAULT_MAX_PARTITION_BYTES;
  }

  read(place: TopicPartition, fromOffset: number): void {
    this.#readings.set(nameOf(place), new Reading(place, fromOffset));
    this.#turnSoon();
  }

  stop(place: TopicPartition): void {
    this.#readings.delete(nameOf(place));
  }

  take(place: TopicPartition): Arrival | undefined {
    const reading = this.#readings.get(nameOf(place));
    const taken = reading?.waiting.shift();
    if (!reading || !taken) return undefined;
    this.#turnSoon();
    if ('type' in taken) return taken;
    try {
      return { type: 'records', ...decodeBatches(taken) };
    } catch (error) {
      this.#startAgain(reading, taken.fromOffset, error);
      return undefined;
    }
  }

  endOffset(place: TopicPartition): number | undefined {
    return this.#readings.get(nameOf(place))?.endOffset;
  }

  failure(): string | undefined {
    for (const { failure } of this.#readings.values()) if (failure !== undefined) return failure;
    return undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#onClose?.();
    this.#readings.clear();
    for (const rest of this.#rests) clearTimeout(rest);
    await this.#lanes.close();
    await Promise.allSettled(this.#underWay);
  }

  /** Once for all that happens in one turn of the event loop, so that partitions share requests. */
  #turnSoon(): void {
    if (this.#turnIsDue || this.#closed) return;
    this.#turnIsDue = true;
    setImmediate(() => {
      this.#turnIsDue = false;
      if (!this.#closed) this.#turn();
    });
  }

  /** Asks for whatever is wanted and not asked for. */
  #turn(): void {
    const byLeader = new Map<number, Reading[]>();
    for (const reading of this.#readings.values()) {
      if (!reading.isWanted) continue;
      if (!reading.leader) {
        this.#begin([reading], this.#locate(reading));
        continue;
      }
      const together = byLeader.get(reading.leader.nodeId);
      if (together) together.push(reading);
      else byLeader.set(reading.leader.nodeId, [reading]);
    }
    for (const [nodeId, readings] of byLeader) {
      const lane = this.#lanes.take(nodeId);
      if (lane) this.#begin(readings, this.#fetch(nodeId, lane, readings));
    }
  }

  #begin(readings: readonly Reading[], work: Promise<void>): void {
    for (const reading of readings) reading.busy = true;
    const whole = work.finally(() => {
      for (const reading of readings) reading.busy = false;
      this.#underWay.delete(whole);
      this.#turnSoon();
    });
    this.#underWay.add(whole);
  }

  /** Finds the leader; and whether the topic is still the one that the reading began with. */
  async #locate(reading: Reading): Promise<void> {
    const { place } = reading;
    try {
      const topicId = await this.#requests.topicId(place.topic);
      reading.topicId ??= topicId;
      if (topicId === reading.topicId) reading.leader = await this.#requests.leader(place);
      else this.#outOfRange(reading, await offsetRange(this.#requests, place));
    } catch (error) {
      this.#failed(reading, error);
    }
  }

  async #fetch(nodeId: number, lane: FetchLane, readings: readonly Reading[]): Promise<void> {
    const request = requestFor(readings, {
      maxWaitMs: lane.maxWaitMs,
      maxPartitionBytes: this.#maxPartitionBytes,
    });
    const answers = new Map<string, FetchedPartition>();
    try {
      const response = await lane.requests.node(nodeId, fetchV13, request);
      if (response.errorCode !== 0) throw new ProtocolError(response.errorCode);
      for (const answer of response.partitions) answers.set(answerKey(answer), answer);
    } catch (error) {
      for (const reading of readings) this.#failed(reading, error);
      return;
    } finally {
      this.#lanes.giveBack(lane, nodeId);
    }
    await this.#receiveAll(readings, answers);
  }

  async #receiveAll(
    readings: readonly Reading[],
    answers: ReadonlyMap<string, FetchedPartition>,
  ): Promise<void> {
    const outOfRange: Reading[] = [];
    let arrived = false;
    for (const reading of readings) {
      const answer = answers.get(
        answerKey({ topicId: reading.topicId ?? '', partition: reading.place.partition }),
      );
      if (!answer || !this.#isCurrent(reading)) continue;
      if (answer.errorCode === OFFSET_OUT_OF_RANGE) outOfRange.push(reading);
      else if (answer.errorCode !== 0) this.#failed(reading, new ProtocolError(answer.errorCode));
      else arrived = this.#receive(reading, answer) || arrived;
    }
    if (arrived) this.#onArrival();
    await Promise.all(outOfRange.map((reading) => this.#checkRange(reading)));
  }

  /** Whether something has come that can be taken. */
  #receive(reading: Reading, { bytes, abortedTransactions, lastStableOffset }: FetchedPartition): boolean {
    reading.succeeded();
    reading.endOffset = lastStableOffset;
    const fromOffset = reading.nextOffset;
    const nextOffset = nextOffsetOf(bytes, fromOffset);
    if (nextOffset === fromOffset) return false;
    reading.waiting.push({ ...reading.place, bytes, fromOffset, abortedTransactions });
    reading.nextOffset = nextOffset;
    reading.servedAt = this.#answers += 1;
    return true;
  }

  /** A leader that has just taken over may not know yet how far its log is committed: then the offset is there after all. */
  async #checkRange(reading: Reading): Promise<void> {
    try {
      const range = await offsetRange(this.#requests, reading.place);
      if (reading.nextOffset >= range.start && reading.nextOffset <= range.highWatermark)
        throw new ProtocolError('OFFSET_NOT_AVAILABLE');
      this.#outOfRange(reading, range);
    } catch (error) {
      this.#failed(reading, error);
    }
  }

  #outOfRange(reading: Reading, { start, end }: OffsetRange): void {
    if (!this.#isCurrent(reading)) return;
    reading.over = true;
    reading.endOffset = end;
    reading.waiting.push({ type: 'out-of-range', startOffset: start, endOffset: end });
    this.#onArrival();
  }

  #failed(reading: Reading, error: unknown): void {
    if (this.#closed || !this.#isCurrent(reading)) return;
    reading.failed(`${nameOf(reading.place)}: ${reasonOf(error)}`);
    reading.resting = true;
    if (protocolErrorOf(error) !== 'OFFSET_NOT_AVAILABLE') this.#requests.forgetLeaders(reading.place.topic);
    const rest = setTimeout(() => {
      this.#rests.delete(rest);
      reading.resting = false;
      this.#turnSoon();
    }, backoffMs(reading.failures));
    this.#rests.add(rest);
  }

  /** What waits cannot be read: it is asked for anew, for it may have been damaged on its way. */
  #startAgain(reading: Reading, fromOffset: number, error: unknown): void {
    const again = new Reading(reading.place, fromOffset);
    again.topicId = reading.topicId;
    again.endOffset = reading.endOffset;
    again.failures = reading.failures;
    this.#readings.set(nameOf(reading.place), again);
    this.#failed(again, error);
  }

  #isCurrent(reading: Reading): boolean {
    return this.#readings.get(nameOf(reading.place)) === reading;
  }
}

const DEFAULT_MAX_WAIT_MS = 500;
const DEFAULT_MAX_PARTITION_BYTES = 1024 * 1024;
const OFFSET_OUT_OF_RANGE = 1;
