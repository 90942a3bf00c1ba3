import { within } from './within.ts';

/** Where a loop waits between two rounds of work. Its end is final: after it nothing waits any more. */
export class Sleep {
  #news = false;
  #ended = false;
  #wakeUp: (() => void) | undefined;
  #endPause: (() => void) | undefined;

  /** There is work. Said while nobody sleeps, it is remembered: the next sleep is none. */
  wake(): void {
    this.#news = true;
    this.#wakeUp?.();
  }

  end(): void {
    this.#ended = true;
    this.#wakeUp?.();
    this.#endPause?.();
  }

  /** Until there has been news since the last sleep, or until so much time has passed. */
  async untilWoken(withinMs = Infinity): Promise<void> {
    if (!this.#news && !this.#ended) {
      await within(new Promise<void>((resolve) => (this.#wakeUp = resolve)), withinMs);
      this.#wakeUp = undefined;
    }
    this.#news = false;
  }

  /** For so long, whatever the news; only the end cuts it short. */
  async forMs(ms: number): Promise<void> {
    if (this.#ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endPause = undefined;
  }
}
