/**
 * Asks for a partition's mark, and knows for how long the answer is good: until a failure, until somebody has doubts,
 * or until so much time has passed.
 */
export class MarkWatch {
  readonly #read: () => Promise<number | undefined>;
  readonly #intervalMs: number;
  #isSure = false;
  #isDoubted = false;
  #isKept = true;
  #askedAtMs = 0;

  constructor(read: () => Promise<number | undefined>, intervalMs: number) {
    this.#read = read;
    this.#intervalMs = intervalMs;
  }

  /** Nothing has happened since the last answer that makes it doubtful. */
  get isSure(): boolean {
    return this.#isSure;
  }

  /** When to ask again although nothing has happened; never where no mark is kept. */
  get dueInMs(): number {
    return this.#isKept ? Math.max(this.#askedAtMs + this.#intervalMs - performance.now(), 0) : Infinity;
  }

  /** Also while the question is under way: its answer will not do. */
  doubt(): void {
    this.#isSure = false;
    this.#isDoubted = true;
  }

  /** Where a mark is kept it is looked at, and the answer is good when that has succeeded. */
  async ask(look: (mark: number) => Promise<void>): Promise<void> {
    this.#isDoubted = false;
    const mark = await this.#read();
    this.#isKept = mark !== undefined;
    if (mark !== undefined) await look(mark);
    this.#askedAtMs = performance.now();
    this.#isSure = !this.#isDoubted;
  }
}
