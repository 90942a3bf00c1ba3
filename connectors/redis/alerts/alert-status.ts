/** What a subscription tells of itself besides its alerts. */
export type AlertStatus =
  /** Redis answers, and the channels are listened to. */
  | { readonly state: 'connected' }
  /** Redis, or one of the two connections to it, is away. It is tried again for ever; alerts come late, none is lost. */
  | { readonly state: 'reconnecting'; readonly reason: string }
  /** What came between two entries of a partition's stream is not kept any more. */
  | ({ readonly state: 'gap'; readonly message: string } & AlertGap);

export interface AlertGap {
  readonly partition: number;
  /** The last entry that was dealt with; `0-0` where there was none. */
  readonly after: string;
  /** The first entry that is still there: the next that is handed over, if the filters let it pass. */
  readonly before: string;
}

/** Makes one state of the two connections of a subscription, and tells it when it changes. */
export class ConnectionStatus {
  readonly #tell: (status: AlertStatus) => void;
  readonly #isUp = { reading: false, listening: false };
  #told: AlertStatus['state'] | undefined;

  constructor(tell: (status: AlertStatus) => void) {
    this.#tell = tell;
  }

  up(connection: 'reading' | 'listening'): void {
    this.#isUp[connection] = true;
    if (this.#told === 'connected' || !this.#isUp.reading || !this.#isUp.listening) return;
    this.#told = 'connected';
    this.#tell({ state: 'connected' });
  }

  down(connection: 'reading' | 'listening', reason: string): void {
    this.#isUp[connection] = false;
    if (this.#told === 'reconnecting') return;
    this.#told = 'reconnecting';
    this.#tell({ state: 'reconnecting', reason });
  }

  gap(gap: AlertGap): void {
    const { partition, after, before } = gap;
    const message =
      `the stream of partition ${partition} is kept from ${before} on: ` +
      `alerts after ${after} and before that were trimmed or lost`;
    this.#tell({ state: 'gap', message, ...gap });
  }
}
