import type { CommittedOffset, GroupMetadata, TopicPartition } from '@incident-streams/streams/kafka';
import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  endTxnV3,
  initProducerIdV4,
  txnOffsetCommitV3,
} from '@platformatic/kafka';
import type { API } from '@platformatic/kafka';
import { isRetriable, protocolErrorOf } from './broker-errors.ts';
import type { BrokerRequests } from './broker-requests.ts';
import type { CoordinatorKey } from './cluster-metadata.ts';
import { offsetsByTopic } from './offset-topics.ts';
import { asProducerError } from './producer-errors.ts';
import type { ProducerIdentity } from './record-sender.ts';
import { nameOf } from './partition-name.ts';
import { pause, retrying } from './retrying.ts';

export interface TransactionRequestsOptions {
  readonly requests: BrokerRequests;
  readonly transactionalId: string;
  readonly giveUpAfterMs: number;
  readonly until: AbortSignal;
}

/**
 * What a transactional producer asks of its coordinator and of the group's, repeated while it fails with what may pass.
 * All of it has the same effect when it is done twice.
 */
export class TransactionRequests {
  readonly #options: TransactionRequestsOptions;

  constructor(options: TransactionRequestsOptions) {
    this.#options = options;
  }

  /** A new epoch: producers of older ones are fenced from here on, and what they left open is ended. */
  async initialise(transactionTimeoutMs: number): Promise<ProducerIdentity> {
    const { transactionalId } = this.#options;
    const { producerId, producerEpoch } = await this.#ask(
      'initialising',
      initProducerIdV4.api,
      transactionalId,
      transactionTimeoutMs,
      -1n,
      -1,
    );
    return { producerId, producerEpoch };
  }

  async addPartitions(producer: ProducerIdentity, places: readonly TopicPartition[]): Promise<void> {
    const byTopic = Map.groupBy(places, ({ topic }) => topic);
    const topics = [...byTopic].map(([name, ofTopic]) => ({
      name,
      partitions: ofTopic.map(({ partition }) => partition),
    }));
    const { transactionalId } = this.#options;
    const transaction = { transactionalId, ...producer, verifyOnly: false, topics };
    await this.#ask(`adding ${namesOf(places)}`, addPartitionsToTxnV3.api, [transaction]);
  }

  async addGroup({ producerId, producerEpoch }: ProducerIdentity, groupId: string): Promise<void> {
    const { transactionalId } = this.#options;
    const what = `adding the group ${groupId}`;
    await this.#ask(what, addOffsetsToTxnV3.api, transactionalId, producerId, producerEpoch, groupId);
  }

  /** @throws {KafkaFencedError} when the group has a newer generation, or does not know the member any more (KIP-447) */
  async commitOffsets(
    { producerId, producerEpoch }: ProducerIdentity,
    offsets: readonly CommittedOffset[],
    group: GroupMetadata,
  ): Promise<void> {
    await this.#repeat(
      `committing ${namesOf(offsets)} for ${group.groupId}`,
      { type: 'group', key: group.groupId },
      txnOffsetCommitV3.api,
      this.#options.transactionalId,
      group.groupId,
      producerId,
      producerEpoch,
      group.generationId,
      group.memberId,
      group.instanceId,
      offsetsByTopic(offsets),
    );
  }

  /** Once, since its outcome may be unknown. Errors are those of the client package. */
  async end({ producerId, producerEpoch }: ProducerIdentity, { commit }: { commit: boolean }): Promise<void> {
    const { requests, transactionalId } = this.#options;
    const coordinator = await requests.coordinator(this.#coordinatorKey());
    await requests.node(coordinator, endTxnV3.api, transactionalId, producerId, producerEpoch, commit);
  }

  forgetCoordinator(): void {
    this.#options.requests.forgetCoordinator(this.#coordinatorKey());
  }

  #coordinatorKey(): CoordinatorKey {
    return { type: 'transaction', key: this.#options.transactionalId };
  }

  #ask<Args extends unknown[], Response>(
    what: string,
    api: API<Args, Response>,
    ...args: Args
  ): Promise<Response> {
    return this.#repeat(what, this.#coordinatorKey(), api, ...args);
  }

  async #repeat<Args extends unknown[], Response>(
    what: string,
    coordinator: CoordinatorKey,
    api: API<Args, Response>,
    ...args: Args
  ): Promise<Response> {
    const { requests, transactionalId, giveUpAfterMs, until } = this.#options;
    const subject = `${transactionalId}: ${what}`;
    const attempt = async (): Promise<Response> =>
      requests.node(await requests.coordinator(coordinator), api, ...args);
    const onRetry = (error: unknown): void => {
      if (!isBusy(error)) requests.forgetCoordinator(coordinator);
    };
    try {
      return await retrying(subject, () => afterBusy(attempt, until), { giveUpAfterMs, until, onRetry });
    } catch (error) {
      throw asProducerError(subject, error);
    }
  }
}

/** The transaction before is still being ended; that takes milliseconds. */
export function isBusy(error: unknown): boolean {
  return protocolErrorOf(error) === 'CONCURRENT_TRANSACTIONS' && isRetriable(error);
}

const BUSY_ATTEMPTS = 10;
const FIRST_BUSY_WAIT_MS = 1;

/** Tries again soon while the coordinator is busy, before the slower retrying takes over. */
async function afterBusy<Result>(attempt: () => Promise<Result>, until: AbortSignal): Promise<Result> {
  for (let waitMs = FIRST_BUSY_WAIT_MS, attempts = 1; ; waitMs *= 1.5, attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (attempts === BUSY_ATTEMPTS || !isBusy(error)) throw error;
      await pause(waitMs, until);
    }
  }
}

function namesOf(places: readonly TopicPartition[]): string {
  return places.map(nameOf).join(', ');
}
