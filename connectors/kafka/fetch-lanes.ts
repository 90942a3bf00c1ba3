import type { BrokerRequests } from './broker-requests.ts';

export interface FetchLane {
  readonly requests: BrokerRequests;
  /** How long a broker may hold a request of this lane back. */
  readonly maxWaitMs: number;
}

/**
 * Several connections to each broker. A broker holds a fetch back while it has nothing to send, and whatever becomes
 * wanted meanwhile needs another connection, or it would wait for that answer. The last lane is never held back for
 * long, so that all that has found no other way comes through there.
 */
export class FetchLanes {
  readonly #lanes: readonly FetchLane[];
  readonly #taken = new Map<FetchLane, Set<number>>();

  constructor(requests: BrokerRequests, maxWaitMs: number) {
    const waits = [maxWaitMs, maxWaitMs, Math.min(maxWaitMs, SHORT_WAIT_MS)];
    this.#lanes = waits.map((wait) => ({
      requests: requests.lane({ maxInflight: 1, heldBackMs: wait }),
      maxWaitMs: wait,
    }));
    for (const lane of this.#lanes) this.#taken.set(lane, new Set());
  }

  /** Undefined: all of them are in use for this broker. */
  take(nodeId: number): FetchLane | undefined {
    const lane = this.#lanes.find((one) => this.#taken.get(one)?.has(nodeId) === false);
    if (lane) this.#taken.get(lane)?.add(nodeId);
    return lane;
  }

  giveBack(lane: FetchLane, nodeId: number): void {
    this.#taken.get(lane)?.delete(nodeId);
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map(({ requests }) => requests.close()));
  }
}

const SHORT_WAIT_MS = 20;
