import type { SinkDeliveryEvent } from '@incident-streams/streams/kafka';

type SinkRetrying = Extract<SinkDeliveryEvent, { type: 'sink-retrying' }>;

/** Of what nothing new can be said, this long nothing is said. */
const REPEATED_EVERY_MS = 30_000;

/** What has failed of a sink since it last worked. */
export interface SinkTrouble {
  readonly failures: number;
  readonly partitions: readonly number[];
  readonly forMs: number;
}

interface OpenTrouble {
  readonly sinceMs: number;
  failures: number;
  readonly partitions: Set<number>;
  /** By kind of failure, when it was last told. */
  readonly toldAtMs: Map<string, number>;
}

/** Decides of which failed attempts somebody should read: each partition of each sink may fail several times a second. */
export class RetryDigest {
  readonly #troubles = new Map<string, OpenTrouble>();
  readonly #nowMs: () => number;

  /** @param nowMs a monotonic clock */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The trouble so far, where the failure is of another kind than those told in the last 30 s; else undefined. */
  failed(event: SinkRetrying): SinkTrouble | undefined {
    const nowMs = this.#nowMs();
    const trouble = this.#troubles.get(event.connector) ?? newTrouble(nowMs);
    this.#troubles.set(event.connector, trouble);
    trouble.failures += 1;
    for (const partition of event.partitions) trouble.partitions.add(partition);
    for (const [kind, toldAtMs] of trouble.toldAtMs)
      if (nowMs - toldAtMs >= REPEATED_EVERY_MS) trouble.toldAtMs.delete(kind);
    const kind = kindOf(event);
    if (trouble.toldAtMs.has(kind)) return undefined;
    trouble.toldAtMs.set(kind, nowMs);
    return summaryOf(trouble, nowMs);
  }

  /** What is over; undefined where nothing had failed. */
  recovered(connector: string): SinkTrouble | undefined {
    const trouble = this.#troubles.get(connector);
    this.#troubles.delete(connector);
    return trouble === undefined ? undefined : summaryOf(trouble, this.#nowMs());
  }
}

function newTrouble(sinceMs: number): OpenTrouble {
  return { sinceMs, failures: 0, partitions: new Set(), toldAtMs: new Map() };
}

function summaryOf({ failures, partitions, sinceMs }: OpenTrouble, nowMs: number): SinkTrouble {
  const forMs = Math.round(nowMs - sinceMs);
  return { failures, partitions: [...partitions].sort((a, b) => a - b), forMs };
}

/** Positions, counts and times in a message make no other reason of it. */
function kindOf({ code = '', reason }: SinkRetrying): string {
  return `${code} ${reason.replaceAll(/\d+/g, '#')}`;
}
