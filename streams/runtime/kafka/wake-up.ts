/** Lets one loop wait until there is something to do, or a time has passed. A call that came too early is not lost. */
export class WakeUp {
  #woken = false;
  #resolve: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  async wait(maxMs: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        this.#timer = setTimeout(resolve, maxMs);
      });
      clearTimeout(this.#timer);
      this.#resolve = undefined;
    }
    this.#woken = false;
  }
}
