/**
 * Who wants to hear of commits.
 *
 * 1. A listener is never called from within a listener: a commit that one brings about is told a moment later.
 * 2. A listener that throws does not undo the commit, nor keep the others from hearing of it: its error is thrown
 *    where nobody waits for an answer, as an uncaught exception.
 */
export class CommitListeners {
  readonly #listeners = new Set<() => void>();
  #notifying = false;
  #again = false;

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(): void {
    if (this.#notifying) return this.#notifyLater();
    this.#notifying = true;
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        setImmediate(() => {
          throw error;
        });
      }
    }
    this.#notifying = false;
  }

  /** Nobody hears of anything any more. */
  clear(): void {
    this.#listeners.clear();
  }

  #notifyLater(): void {
    if (this.#again) return;
    this.#again = true;
    setImmediate(() => {
      this.#again = false;
      this.notify();
    });
  }
}
