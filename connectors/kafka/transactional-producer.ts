import { KafkaFencedError, KafkaOutcomeUnknownError } from '@incident-streams/streams/kafka';
import type {
  CommittedOffset,
  GroupMetadata,
  PlacedRecord,
  TopicPartition,
  TransactionalProducer,
  TransactionalProducerOptions,
  WrittenRange,
} from '@incident-streams/streams/kafka';
import { isRetriable, protocolErrorOf, reasonOf } from './broker-errors.ts';
import type { BrokerRequests } from './broker-requests.ts';
import { asProducerError, KafkaProducerStateError } from './producer-errors.ts';
import { produceV9 } from './produce-request.ts';
import { RecordSender } from './record-sender.ts';
import type { ProducerIdentity } from './record-sender.ts';
import { nameOf } from './partition-name.ts';
import { backoffMs, pause } from './retrying.ts';
import { attempt } from './attempt.ts';
import { isBusy, TransactionRequests } from './transaction-requests.ts';

/** How long initialising may wait for a coordinator: longer than a broker takes to come back. */
const INITIALISE_MS = 60_000;
/** How long `close` waits for the broker to end what is open; after that the transaction's own timeout does. */
const ABORT_MS = 3_000;

/** Initialises a producer under its transactional id, over connections of its own. See `KafkaCluster`. */
export async function startTransactionalProducer(
  requests: BrokerRequests,
  { transactionalId, transactionTimeoutMs }: TransactionalProducerOptions,
): Promise<TransactionalProducer> {
  const closing = new AbortController();
  const lane = requests.lane();
  const common = { requests: lane, transactionalId, until: closing.signal };
  try {
    const identity = await new TransactionRequests({ ...common, giveUpAfterMs: INITIALISE_MS }).initialise(
      transactionTimeoutMs,
    );
    const limited = { ...common, giveUpAfterMs: transactionTimeoutMs };
    return new EpochProducer({
      identity,
      transactionalId,
      requests: new TransactionRequests(limited),
      sender: new RecordSender(identity, { ...limited, produce: produceV9 }),
      closing,
      lane,
    });
  } catch (error) {
    await lane.close();
    throw error;
  }
}

interface EpochProducerParts {
  readonly identity: ProducerIdentity;
  readonly transactionalId: string;
  readonly requests: TransactionRequests;
  readonly sender: RecordSender;
  readonly closing: AbortController;
  readonly lane: BrokerRequests;
}

/** Transactions as of KIP-98 and KIP-447: what is written to is added to the transaction beforehand. */
class EpochProducer implements TransactionalProducer {
  readonly #parts: EpochProducerParts;
  /** The partitions that belong to the open transaction. */
  readonly #partitions = new Set<string>();
  /** The group that belongs to the open transaction. */
  #group: string | undefined;
  /** The group of the transaction before, which the next one is expected to have too. */
  #usualGroup: string | undefined;
  #open = false;
  #closed = false;
  /** Why nothing but `close` is possible any more. */
  #failure: unknown;
  /** Settles with the call that is under way. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(parts: EpochProducerParts) {
    this.#parts = parts;
  }

  async send(records: readonly PlacedRecord[]): Promise<readonly WrittenRange[]> {
    return this.#guarded(async () => {
      const { sender } = this.#parts;
      const backlogs = sender.encode(records);
      if (backlogs.length === 0) return [];
      await this.#addPartitions(backlogs);
      // The offsets' place in the transaction is not needed before the commit, so it is made ready meanwhile.
      const [ranges] = await settled([
        sender.write(backlogs),
        this.#usualGroup === undefined ? Promise.resolve() : this.#addGroup(this.#usualGroup),
      ]);
      return ranges;
    });
  }

  async commit(offsets: readonly CommittedOffset[], group: GroupMetadata): Promise<void> {
    await this.#guarded(async () => {
      const { identity, requests } = this.#parts;
      if (offsets.length > 0) {
        await this.#addGroup(group.groupId);
        await requests.commitOffsets(identity, offsets, group);
        this.#usualGroup = group.groupId;
      }
      if (!this.#open) return;
      await this.#end();
      this.#open = false;
      this.#partitions.clear();
      this.#group = undefined;
    });
  }

  async close(): Promise<void> {
    const { closing, identity, requests, lane, transactionalId } = this.#parts;
    if (this.#closed) return;
    this.#closed = true;
    await attempt(ABORT_MS, async () => {
      await this.#busy;
      if (this.#open && this.#mayAbort()) await requests.end(identity, { commit: false });
    });
    closing.abort(closedError(transactionalId));
    await lane.close();
  }

  async #addPartitions(places: readonly TopicPartition[]): Promise<void> {
    const missing = places.filter((place) => !this.#partitions.has(nameOf(place)));
    if (missing.length === 0) return;
    this.#open = true;
    await this.#parts.requests.addPartitions(this.#parts.identity, missing);
    for (const place of missing) this.#partitions.add(nameOf(place));
  }

  async #addGroup(groupId: string): Promise<void> {
    if (this.#group === groupId) return;
    this.#open = true;
    await this.#parts.requests.addGroup(this.#parts.identity, groupId);
    this.#group = groupId;
  }

  /**
   * Commits. Where the coordinator has said that it did not, it is asked again. Where it has said nothing it is not:
   * the first request may still be on its way, and come into effect after whatever is done next.
   */
  async #end(): Promise<void> {
    const { identity, requests, closing, transactionalId } = this.#parts;
    const what = `${transactionalId}: committing the transaction`;
    let doubtful = false;
    for (let failures = 1; ; failures += 1) {
      try {
        await requests.end(identity, { commit: true });
        return;
      } catch (error) {
        const answered = protocolErrorOf(error) !== undefined;
        const again =
          answered && isRetriable(error) && failures <= MAX_COMMIT_ATTEMPTS && !closing.signal.aborted;
        // What a coordinator that is being moved has refused it may have written all the same.
        doubtful ||= !answered || (isRetriable(error) && !isBusy(error));
        if (!again && doubtful)
          throw new KafkaOutcomeUnknownError(`${what}: ${reasonOf(error)}`, { cause: error });
        if (!again) throw asProducerError(what, error);
        requests.forgetCoordinator();
        await pause(backoffMs(failures));
      }
    }
  }

  /** Who is fenced owns nothing that could be aborted; and an unknown outcome is the next producer's to settle. */
  #mayAbort(): boolean {
    return (
      !(this.#failure instanceof KafkaFencedError) && !(this.#failure instanceof KafkaOutcomeUnknownError)
    );
  }

  #guarded<Result>(operation: () => Promise<Result>): Promise<Result> {
    const { transactionalId } = this.#parts;
    if (this.#closed) throw closedError(transactionalId);
    if (this.#failure !== undefined) {
      throw new KafkaProducerStateError(`${transactionalId}: the producer has failed before`, {
        cause: this.#failure,
      });
    }
    const running = operation();
    this.#busy = running.catch((error: unknown) => {
      this.#failure = error;
    });
    return running;
  }
}

const MAX_COMMIT_ATTEMPTS = 10;

function closedError(transactionalId: string): KafkaProducerStateError {
  return new KafkaProducerStateError(`${transactionalId}: the producer was closed`);
}

/** As `Promise.all`, but nothing is under way any more when it rejects. */
async function settled<First, Second>(
  operations: readonly [Promise<First>, Promise<Second>],
): Promise<readonly [First, Second]> {
  await Promise.allSettled(operations);
  return Promise.all(operations);
}
