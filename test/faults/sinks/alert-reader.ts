import { onTestFinished } from 'vitest';
import { subscribeAlerts } from '../../../connectors/redis/index.ts';
import type { AlertSubscription } from '../../../connectors/redis/index.ts';

/** A subscriber that keeps what it was given, and can be away for a while: it goes on from its last position. */
export class AlertReader {
  readonly #options: { readonly url: string; readonly prefix: string };
  readonly #ids = new Map<number, string[]>();
  #subscription: AlertSubscription;
  #reading: Promise<void>;
  #position = 'beginning';
  count = 0;

  constructor(url: string, prefix: string) {
    this.#options = { url, prefix };
    [this.#subscription, this.#reading] = this.#read();
    onTestFinished(() => this.pause());
  }

  async pause(): Promise<void> {
    await this.#subscription.close();
    await this.#reading;
  }

  resume(): void {
    [this.#subscription, this.#reading] = this.#read();
  }

  /** In the order in which they were handed over. */
  idsOf(partition: number): readonly string[] {
    return this.#ids.get(partition) ?? [];
  }

  #read(): [AlertSubscription, Promise<void>] {
    const subscription = subscribeAlerts({ ...this.#options, from: this.#position });
    return [subscription, this.#keep(subscription)];
  }

  async #keep(subscription: AlertSubscription): Promise<void> {
    for await (const { alert, position } of subscription) {
      const { partition } = alert.stream;
      this.#ids.set(partition, [...this.idsOf(partition), alert.id]);
      this.#position = position;
      this.count += 1;
    }
  }
}
