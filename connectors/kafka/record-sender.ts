import type { PlacedRecord, WrittenRange } from '@incident-streams/streams/kafka';
import { isRetriable, reasonOf } from './broker-errors.ts';
import type { BrokerRequests } from './broker-requests.ts';
import { KafkaUnavailableError } from './kafka-errors.ts';
import { groupByPartition, PartitionBacklog } from './partition-backlog.ts';
import type { PartitionAnswer, ProduceApi } from './produce-request.ts';
import { nameOf } from './partition-name.ts';
import { asProducerError, protocolErrorOfCode } from './producer-errors.ts';
import { advanceSequence, encodeRecordBatches } from './record-batch-encoder.ts';
import { backoffMs, pause } from './retrying.ts';

export interface RecordSenderOptions {
  readonly requests: BrokerRequests;
  readonly produce: ProduceApi;
  readonly transactionalId: string | null;
  /** How long a record may wait for its partition's leader. */
  readonly giveUpAfterMs: number;
  /** Aborted: nothing is tried again. */
  readonly until: AbortSignal;
}

/** Who a producer is to the brokers (KIP-98). */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Below the 1 MiB that brokers and topics take by default (`message.max.bytes`). */
const MAX_BATCH_BYTES = 1_000_000;
/** Below the 100 MiB that brokers take by default (`socket.request.max.bytes`). */
const MAX_REQUEST_BYTES = 32 * MAX_BATCH_BYTES;
/** How long a leader waits for its followers before it says that they did not come. */
const REPLICATION_TIMEOUT_MS = 15_000;

/**
 * Writes records to the leaders of their partitions, in order and each once: of a partition one batch is under way at
 * a time, and what is sent again after a failure keeps its sequence, by which the broker knows it.
 */
export class RecordSender {
  readonly #options: RecordSenderOptions;
  readonly #sequences = new Map<string, number>();
  #identity: ProducerIdentity;

  constructor(identity: ProducerIdentity, options: RecordSenderOptions) {
    this.#identity = identity;
    this.#options = options;
  }

  /** From now on under this identity. Sequences belong to one: they begin again. */
  become(identity: ProducerIdentity): void {
    this.#identity = identity;
    this.#sequences.clear();
  }

  /** Gives the records their sequences. What this returns is to be written before anything else is encoded. */
  encode(records: readonly PlacedRecord[]): readonly PartitionBacklog[] {
    const producer = { ...this.#identity, transactional: this.#options.transactionalId !== null };
    return groupByPartition(records).map((group) => {
      const { topic, partition } = group[0]!;
      const name = nameOf({ topic, partition });
      const firstSequence = this.#sequences.get(name) ?? 0;
      const batches = encodeRecordBatches(group, producer, { firstSequence, maxBatchBytes: MAX_BATCH_BYTES });
      this.#sequences.set(name, advanceSequence(firstSequence, group.length));
      return new PartitionBacklog({ topic, partition }, batches);
    });
  }

  /** Resolves when all of it is written. When it rejects, nothing of it is under way any more. */
  async write(backlogs: readonly PartitionBacklog[]): Promise<readonly WrittenRange[]> {
    const deadlineMs = performance.now() + this.#options.giveUpAfterMs;
    let open = backlogs;
    for (let failures = 0; open.length > 0;) {
      const failure = await this.#writeNext(open);
      open = open.filter((backlog) => backlog.next() !== undefined);
      if (failure === undefined) {
        failures = 0;
        continue;
      }
      failures += 1;
      const waitMs = backoffMs(failures);
      if (performance.now() + waitMs > deadlineMs) throw outOfTime(open, failure);
      await pause(waitMs, this.#options.until);
    }
    return backlogs.map((backlog) => backlog.range());
  }

  /** Sends of each partition its next batch. Resolves with a failure that may pass, if there was one. */
  async #writeNext(open: readonly PartitionBacklog[]): Promise<unknown> {
    this.#options.until.throwIfAborted();
    const failures: unknown[] = [];
    const requests: Promise<unknown>[] = [];
    for (const [leader, backlogs] of await this.#byLeader(open, failures)) {
      for (const request of withinSize(backlogs)) requests.push(this.#request(leader, request));
    }
    for (const result of await Promise.allSettled(requests)) {
      if (result.status === 'rejected') throw result.reason;
      if (result.value !== undefined) failures.push(result.value);
    }
    return failures[0];
  }

  async #byLeader(
    open: readonly PartitionBacklog[],
    failures: unknown[],
  ): Promise<ReadonlyMap<number, readonly PartitionBacklog[]>> {
    const leaders = await Promise.allSettled(open.map((backlog) => this.#options.requests.leader(backlog)));
    const byLeader = new Map<number, PartitionBacklog[]>();
    for (const [index, leader] of leaders.entries()) {
      const backlog = open[index]!;
      if (leader.status === 'rejected') {
        failures.push(passing(backlog, leader.reason));
        continue;
      }
      const ofLeader = byLeader.get(leader.value.nodeId);
      if (ofLeader) ofLeader.push(backlog);
      else byLeader.set(leader.value.nodeId, [backlog]);
    }
    return byLeader;
  }

  /** Resolves with a failure that may pass, if there was one. */
  async #request(nodeId: number, backlogs: readonly PartitionBacklog[]): Promise<unknown> {
    const { requests, produce, transactionalId } = this.#options;
    const batches = backlogs.map((one) => ({
      topic: one.topic,
      partition: one.partition,
      bytes: one.next()!,
    }));
    let answers: readonly PartitionAnswer[];
    try {
      answers = await requests.node(nodeId, produce, {
        transactionalId,
        timeoutMs: REPLICATION_TIMEOUT_MS,
        batches,
      });
    } catch (error) {
      for (const { topic } of backlogs) requests.forgetLeaders(topic);
      return passing(backlogs[0]!, error);
    }
    const byPlace = new Map(answers.map((answer) => [nameOf(answer), answer]));
    const failures = backlogs.map((one) => this.#settle(one, byPlace.get(nameOf(one))));
    return failures.find((failure) => failure !== undefined);
  }

  #settle(backlog: PartitionBacklog, answer: PartitionAnswer | undefined): unknown {
    if (answer?.errorCode === 0) {
      backlog.acknowledge(answer.baseOffset);
      return undefined;
    }
    this.#options.requests.forgetLeaders(backlog.topic);
    return passing(backlog, protocolErrorOfCode(answer?.errorCode ?? -1, answer?.detail ?? null));
  }
}

/** The error, if it may pass; @throws otherwise. */
function passing(backlog: PartitionBacklog, error: unknown): unknown {
  if (isRetriable(error)) return error;
  throw asProducerError(`writing to ${nameOf(backlog)}`, error);
}

/** Splits what goes to one leader into requests that it takes. */
function withinSize(backlogs: readonly PartitionBacklog[]): readonly (readonly PartitionBacklog[])[] {
  const requests: PartitionBacklog[][] = [];
  let bytes = Infinity;
  for (const backlog of backlogs) {
    bytes += backlog.next()!.length;
    if (bytes > MAX_REQUEST_BYTES) {
      requests.push([]);
      bytes = backlog.next()!.length;
    }
    requests.at(-1)!.push(backlog);
  }
  return requests;
}

function outOfTime(open: readonly PartitionBacklog[], failure: unknown): KafkaUnavailableError {
  const places = open.map(nameOf).join(', ');
  return new KafkaUnavailableError(`writing to ${places}: gave up: ${reasonOf(failure)}`, { cause: failure });
}
