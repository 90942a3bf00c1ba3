import { TopologyError } from '../errors.ts';
import type { ByteStore } from './byte-store.ts';
import { TIME_BYTES, readTime, timeBytes, writeTime } from './bytes.ts';
import { IdFilter, hashOfId } from './id-filter.ts';
import { MAX_BYTES_PER_UTF16_UNIT, MAX_KEY_BYTES, assertKeyFits } from './key-limit.ts';
import { SegmentOffsets } from './segment-offsets.ts';
import type { RebuildNote, StateStore, StoreBuilder, StoreContext, StoreRecovery } from './store.ts';

/** How many segments before the newest one are remembered. */
const SEGMENTS_KEPT = 2;
const MAX_ID_BYTES = MAX_KEY_BYTES - TIME_BYTES;

/**
 * The ids seen in the last stretch of event time.
 *
 * 1. Every sighting counts and refreshes: an id that comes within `withinMs` of *any* sighting that is remembered is
 *    a duplicate. So a store that is rebuilt from the middle of the input agrees with one that lived from the start.
 * 2. Sightings lie in segments of `withinMs` of event time, of each id the first and the last: all others in between
 *    follow from these. An id is looked up in the segments around its time.
 * 3. Remembered are the newest segment that has a sighting and the two before it. Older sightings do not exist for
 *    `has` and `add`, whether it has been removed from the bytes beneath yet or not: so a restart, or another rhythm
 *    of commits, changes no answer.
 */
export interface DedupeStore extends StateStore {
  /** Was the id seen within reach of this time? Does not count as a sighting. */
  has(id: string, timeMs: number): boolean;
  /**
   * Records a sighting; true if it is the first within reach, false for a duplicate.
   * @throws {StoreKeyError} when the id is too long.
   */
  add(id: string, timeMs: number): boolean;
  /** Removes what is not remembered and lies behind the stream time too, at most `maxEntries` ids; returns how many. */
  expire(streamTimeMs: number, maxEntries: number): number;
}

export interface DedupeStoreOptions {
  readonly name: string;
  readonly withinMs: number;
  /** Default `changelog`. With `input` no id is ever written to Kafka: what is remembered is read again when it is lost. */
  readonly recovery?: StoreRecovery;
}

/** @throws {TopologyError} when `withinMs` is not a positive whole number. */
export function dedupeStore(options: DedupeStoreOptions): StoreBuilder<DedupeStore> {
  const { name, withinMs, recovery = 'changelog' } = options;
  if (!Number.isSafeInteger(withinMs) || withinMs <= 0)
    throw new TopologyError(`withinMs of "${name}" must be a positive whole number, not ${withinMs}`);
  return {
    name,
    recovery,
    ...(recovery === 'input' ? { reachMs: (SEGMENTS_KEPT + 1) * withinMs } : {}),
    open: (bytes, context) => new SegmentedDedupeStore(options, bytes, context),
  };
}

/** When an id was seen first and last in one segment. */
interface Sightings {
  readonly firstMs: number;
  readonly lastMs: number;
}

class SegmentedDedupeStore implements DedupeStore {
  readonly #name: string;
  readonly #withinMs: number;
  readonly #bytes: ByteStore;
  /** Sightings since the last flush, by segment: most ids are looked up and written exactly once. */
  #fresh = new Map<number, Map<string, Sightings>>();
  /** Segments of which the store beneath holds something: the others need no look-up. */
  readonly #stored = new Set<number>();
  /** Of segments that began in this store's life, what tells most ids that are new without a look-up. */
  readonly #filters = new Map<number, IdFilter>();
  /** The newest segment with a sighting; what it holds is never removed, so it is found again. */
  #newest = -1;
  readonly #offsets: SegmentOffsets | undefined;
  #scratch = Buffer.alloc(256);

  constructor(options: DedupeStoreOptions, bytes: ByteStore, context: StoreContext | undefined) {
    this.#offsets =
      options.recovery === 'input' && context !== undefined ? new SegmentOffsets(context) : undefined;
    this.#name = options.name;
    this.#withinMs = options.withinMs;
    this.#bytes = bytes;
    this.#findStoredSegments();
  }

  has(id: string, timeMs: number): boolean {
    const name = id.toWellFormed();
    const segment = this.#segmentOf(timeMs);
    const hash = hashOfId(name);
    return (
      this.#sightingsIn(segment, name, hash) !== undefined ||
      this.#isNearNeighbour(segment, name, { hash, timeMs })
    );
  }

  add(id: string, timeMs: number): boolean {
    if (id.length * MAX_BYTES_PER_UTF16_UNIT > MAX_ID_BYTES)
      assertKeyFits(Buffer.byteLength(id), { store: this.#name, maxBytes: MAX_ID_BYTES });
    const name = id.toWellFormed();
    const segment = this.#segmentOf(timeMs);
    if (segment > this.#newest) this.#begin(segment);
    this.#offsets?.sighted(segment);
    const hash = hashOfId(name);
    const known = this.#sightingsIn(segment, name, hash);
    if (known === undefined) {
      const duplicate = this.#isNearNeighbour(segment, name, { hash, timeMs });
      this.#filterOf(segment)?.add(hash);
      this.#remember(segment, name, { firstMs: timeMs, lastMs: timeMs });
      return !duplicate;
    }
    if (timeMs < known.firstMs) this.#remember(segment, name, { firstMs: timeMs, lastMs: known.lastMs });
    else if (timeMs > known.lastMs) this.#remember(segment, name, { firstMs: known.firstMs, lastMs: timeMs });
    return false;
  }

  expire(streamTimeMs: number, maxEntries: number): number {
    const firstKept = Math.min(this.#segmentOf(streamTimeMs) - SEGMENTS_KEPT, this.#firstKept);
    if (!this.#holdsSegmentsBefore(firstKept)) return 0;
    const bounds = { to: timeBytes(firstKept * this.#withinMs), limit: maxEntries };
    const expired = Array.from(this.#bytes.range(bounds), (entry) => new Uint8Array(entry.key));
    for (const key of expired) this.#bytes.delete(key);
    if (expired.length < maxEntries) this.#forgetSegmentsBefore(firstKept);
    return expired.length;
  }

  flush(): void {
    for (const [segment, ids] of this.#fresh) {
      if (segment < this.#firstKept) continue;
      this.#stored.add(segment);
      for (const [id, sightings] of ids) this.#bytes.put(this.#keyOf(segment, id), bytesOf(sightings));
    }
    this.#fresh.clear();
  }

  rebuildNote(): RebuildNote {
    return this.#offsets?.note() ?? {};
  }

  #begin(segment: number): void {
    this.#newest = segment;
    this.#offsets?.forgetBefore(this.#firstKept);
    for (const filtered of this.#filters.keys())
      if (filtered < this.#firstKept) this.#filters.delete(filtered);
  }

  #filterOf(segment: number): IdFilter | undefined {
    const known = this.#filters.get(segment);
    if (known !== undefined || this.#stored.has(segment) || segment < this.#firstKept) return known;
    const made = new IdFilter();
    this.#filters.set(segment, made);
    return made;
  }

  get #firstKept(): number {
    return this.#newest - SEGMENTS_KEPT;
  }

  #findStoredSegments(): void {
    let from = timeBytes(0);
    for (;;) {
      const [next] = this.#bytes.range({ from, limit: 1 });
      if (next === undefined) return;
      this.#newest = this.#segmentOf(readTime(next.key, 0));
      this.#stored.add(this.#newest);
      from = timeBytes((this.#newest + 1) * this.#withinMs);
    }
  }

  #holdsSegmentsBefore(firstKept: number): boolean {
    for (const segment of this.#stored) if (segment < firstKept) return true;
    return false;
  }

  #forgetSegmentsBefore(firstKept: number): void {
    for (const segment of this.#stored) if (segment < firstKept) this.#stored.delete(segment);
  }

  #segmentOf(timeMs: number): number {
    return Math.floor(timeMs / this.#withinMs);
  }

  #isNearNeighbour(segment: number, id: string, { hash, timeMs }: { hash: number; timeMs: number }): boolean {
    const before = this.#sightingsIn(segment - 1, id, hash);
    if (before !== undefined && timeMs - before.lastMs <= this.#withinMs) return true;
    const after = this.#sightingsIn(segment + 1, id, hash);
    return after !== undefined && after.firstMs - timeMs <= this.#withinMs;
  }

  #sightingsIn(segment: number, id: string, hash: number): Sightings | undefined {
    if (segment < this.#firstKept || this.#filters.get(segment)?.mayHold(hash) === false) return undefined;
    const fresh = this.#fresh.get(segment)?.get(id);
    if (fresh !== undefined) return fresh;
    if (!this.#stored.has(segment)) return undefined;
    const stored = this.#bytes.get(this.#keyOf(segment, id));
    return stored === undefined ? undefined : sightingsFrom(stored);
  }

  #remember(segment: number, id: string, sightings: Sightings): void {
    if (segment < this.#firstKept) return;
    let ids = this.#fresh.get(segment);
    if (ids === undefined) this.#fresh.set(segment, (ids = new Map<string, Sightings>()));
    ids.set(id, sightings);
  }

  /** The key in a buffer that the next call uses again. */
  #keyOf(segment: number, id: string): Uint8Array {
    const length = TIME_BYTES + Buffer.byteLength(id);
    if (length > this.#scratch.length) this.#scratch = Buffer.alloc(length * 2);
    writeTime(this.#scratch, 0, segment * this.#withinMs);
    this.#scratch.write(id, TIME_BYTES);
    return this.#scratch.subarray(0, length);
  }
}

/** The last sighting, then the first where it is another: most ids are seen once. */
function bytesOf({ firstMs, lastMs }: Sightings): Uint8Array {
  if (firstMs === lastMs) return timeBytes(lastMs);
  const bytes = new Uint8Array(2 * TIME_BYTES);
  writeTime(bytes, 0, lastMs);
  writeTime(bytes, TIME_BYTES, firstMs);
  return bytes;
}

function sightingsFrom(bytes: Uint8Array): Sightings {
  const lastMs = readTime(bytes, 0);
  return { lastMs, firstMs: bytes.length > TIME_BYTES ? readTime(bytes, TIME_BYTES) : lastMs };
}
