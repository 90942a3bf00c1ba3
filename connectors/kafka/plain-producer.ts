import type { PlacedRecord, PlainProducer, WrittenRange } from '@incident-streams/streams/kafka';
import { initProducerIdV4 } from '@platformatic/kafka';
import type { BrokerRequests } from './broker-requests.ts';
import { asProducerError, KafkaProducerStateError } from './producer-errors.ts';
import { produceV9 } from './produce-request.ts';
import { RecordSender } from './record-sender.ts';
import type { ProducerIdentity } from './record-sender.ts';
import { retrying } from './retrying.ts';

export interface PlainProducerOptions {
  /** How long a record may wait for its partition's leader, and a producer for its id. Default 120,000. */
  readonly deliveryTimeoutMs?: number;
}

/** A producer that is idempotent, over connections of its own. See `KafkaCluster`. */
export async function startPlainProducer(
  requests: BrokerRequests,
  { deliveryTimeoutMs = 120_000 }: PlainProducerOptions = {},
): Promise<PlainProducer> {
  const closing = new AbortController();
  const lane = requests.lane();
  const initialise = (): Promise<ProducerIdentity> => newIdentity(lane, deliveryTimeoutMs, closing.signal);
  try {
    const sender = new RecordSender(await initialise(), {
      requests: lane,
      produce: produceV9,
      transactionalId: null,
      giveUpAfterMs: deliveryTimeoutMs,
      until: closing.signal,
    });
    return new IdempotentProducer({ lane, sender, initialise, closing });
  } catch (error) {
    await lane.close();
    throw error;
  }
}

async function newIdentity(
  requests: BrokerRequests,
  giveUpAfterMs: number,
  until: AbortSignal,
): Promise<ProducerIdentity> {
  const what = 'initialising a producer';
  try {
    const ask = (): Promise<ProducerIdentity> => requests.any(initProducerIdV4.api, null, NO_TRANSACTIONS_MS);
    const { producerId, producerEpoch } = await retrying(what, ask, { giveUpAfterMs, until });
    return { producerId, producerEpoch };
  } catch (error) {
    throw asProducerError(what, error);
  }
}

const NO_TRANSACTIONS_MS = 0x7fff_ffff;

interface IdempotentProducerParts {
  readonly lane: BrokerRequests;
  readonly sender: RecordSender;
  readonly initialise: () => Promise<ProducerIdentity>;
  readonly closing: AbortController;
}

/**
 * Sends one after the other, so that records keep their order also between calls. After a send that failed it is not
 * known which of its records were written; the error says so, and what is sent next goes out under a new producer id,
 * whose sequences do not depend on that.
 */
class IdempotentProducer implements PlainProducer {
  readonly #parts: IdempotentProducerParts;
  #last: Promise<unknown> = Promise.resolve();
  #failed = false;

  constructor(parts: IdempotentProducerParts) {
    this.#parts = parts;
  }

  send(records: readonly PlacedRecord[]): Promise<readonly WrittenRange[]> {
    const sending = this.#last.then(() => this.#send(records));
    this.#last = sending.catch(() => undefined);
    return sending;
  }

  async close(): Promise<void> {
    this.#parts.closing.abort(new KafkaProducerStateError('the producer was closed'));
    await this.#parts.lane.close();
  }

  async #send(records: readonly PlacedRecord[]): Promise<readonly WrittenRange[]> {
    const { sender, initialise, closing } = this.#parts;
    closing.signal.throwIfAborted();
    if (this.#failed) {
      sender.become(await initialise());
      this.#failed = false;
    }
    const backlogs = sender.encode(records);
    try {
      return await sender.write(backlogs);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}
