const FIRST_WORDS = 1_024;

/** A set of offsets of one partition, one bit each up to the largest. */
export class OffsetSet {
  #words = new Uint32Array(FIRST_WORDS);
  #smallest: number | undefined;

  get smallest(): number | undefined {
    return this.#smallest;
  }

  has(offset: number): boolean {
    const word = Math.floor(offset / 32);
    return word < this.#words.length && ((this.#words[word] ?? 0) & (1 << (offset % 32))) !== 0;
  }

  /** Whether it was not in it before. */
  add(offset: number): boolean {
    if (this.has(offset)) return false;
    const word = Math.floor(offset / 32);
    if (word >= this.#words.length) this.#grow(word + 1);
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (offset % 32));
    this.#smallest = Math.min(offset, this.#smallest ?? offset);
    return true;
  }

  #grow(needed: number): void {
    const larger = new Uint32Array(Math.max(needed, this.#words.length * 2));
    larger.set(this.#words);
    this.#words = larger;
  }
}
