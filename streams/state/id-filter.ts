const EMPTY = 0;
const FIRST_SLOTS = 1_024;
/** Of the slots that are taken before the table grows. */
const MAX_LOAD = 0.5;

/**
 * Says of an id that it has certainly not been added, or that it may have been: of a million ids about one in 4,000
 * others is taken for one of them. Four bytes a slot instead of the id itself, so the question is cheap in time and space.
 */
export class IdFilter {
  #slots = new Int32Array(FIRST_SLOTS);
  #size = 0;

  mayHold(hash: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot];
      if (found === hash) return true;
      if (found === EMPTY) return false;
    }
  }

  add(hash: number): void {
    if (insert(this.#slots, hash) && ++this.#size > this.#slots.length * MAX_LOAD) this.#grow();
  }

  #grow(): void {
    const larger = new Int32Array(this.#slots.length * 2);
    for (const hash of this.#slots) if (hash !== EMPTY) insert(larger, hash);
    this.#slots = larger;
  }
}

/** Never 0, which marks a free slot. FNV-1a over UTF-16 units, mixed at the end as MurmurHash3 does. */
export function hashOfId(id: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash === EMPTY ? 1 : hash;
}

/** False when it was there already. */
function insert(slots: Int32Array, hash: number): boolean {
  const mask = slots.length - 1;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const found = slots[slot];
    if (found === hash) return false;
    if (found === EMPTY) {
      slots[slot] = hash;
      return true;
    }
  }
}
