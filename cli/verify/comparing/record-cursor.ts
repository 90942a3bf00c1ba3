import type { LogRecord } from '@incident-streams/streams';

/** Records one by one, with a look at the next: of a topic no more than one portion is held. */
export class RecordCursor {
  readonly #portions: AsyncGenerator<readonly LogRecord[]>;
  #portion: readonly LogRecord[] = [];
  #at = 0;

  constructor(portions: AsyncGenerator<readonly LogRecord[]>) {
    this.#portions = portions;
  }

  async peek(): Promise<LogRecord | undefined> {
    while (this.#at >= this.#portion.length) {
      const next = await this.#portions.next();
      if (next.done === true) return undefined;
      this.#portion = next.value;
      this.#at = 0;
    }
    return this.#portion[this.#at];
  }

  skip(): void {
    this.#at += 1;
  }

  async close(): Promise<void> {
    await this.#portions.return(undefined);
  }
}
