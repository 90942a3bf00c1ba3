/** Wakes whoever waits for news. One that rings while nobody waits is not missed. */
export class Bell {
  #hasRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** Called before looking for the news that it rang for. */
  reset(): void {
    this.#hasRung = false;
  }

  /** Whether it rang within the time. */
  async wait(timeoutMs: number): Promise<boolean> {
    if (this.#hasRung) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    return this.#hasRung;
  }
}
