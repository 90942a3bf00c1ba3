import { IngestOverloadedError } from '../../connectors/http/index.ts';

export interface InboxLimits {
  /** Events that the brokers have not confirmed yet, at most. */
  readonly maxInFlightEvents: number;
  /** Their records' bytes, at most. */
  readonly maxInFlightBytes: number;
}

export interface InboxLoad {
  readonly events: number;
  readonly bytes: number;
}

/** Bounds what waits for the brokers. Whatever comes while nothing waits has room, however large it is. */
export class InboxRoom {
  readonly #limits: InboxLimits;
  #events = 0;
  #bytes = 0;

  constructor(limits: InboxLimits) {
    this.#limits = limits;
  }

  /** @throws {IngestOverloadedError} while there is no room for anything. */
  require(load: InboxLoad = { events: 1, bytes: 1 }): void {
    const { maxInFlightEvents, maxInFlightBytes } = this.#limits;
    if (this.#events === 0) return;
    if (this.#events + load.events <= maxInFlightEvents && this.#bytes + load.bytes <= maxInFlightBytes)
      return;
    throw new IngestOverloadedError(
      `Nothing was taken in: ${this.#events} events wait to be stored already. Send them again a little later.`,
    );
  }

  /**
   * Holds room until the work has ended, well or not.
   * @throws {IngestOverloadedError} when there is none for so much; the work has not been begun then.
   */
  async hold<T>(load: InboxLoad, work: () => Promise<T>): Promise<T> {
    this.require(load);
    this.#events += load.events;
    this.#bytes += load.bytes;
    try {
      return await work();
    } finally {
      this.#events -= load.events;
      this.#bytes -= load.bytes;
    }
  }
}
