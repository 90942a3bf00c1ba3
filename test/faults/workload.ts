/** One event of the workload, as JSON in the inbox; its key there is `key`. */
export interface FaultEvent {
  readonly id: string;
  readonly key: string;
  /** Event time, in milliseconds since the epoch. */
  readonly at: number;
  /** What the second sub-topology groups by. */
  readonly region: string;
  readonly amount: number;
}

export interface WorkloadOptions {
  readonly seed: number;
  readonly events?: number;
  readonly keys?: number;
}

export const WORKLOAD = {
  events: 200_000,
  keys: 5_000,
  partitions: 6,
  duplicateShare: 0.05,
  lateShare: 0.01,
} as const;

const REGIONS = 60;
const FIRST_EVENT_MS = Date.UTC(2026, 2, 1);
/** Event time from one event to the next: 200,000 events are an hour. */
const STEP_MS = 18;
/** Disorder that the grace of the windows covers. */
const JITTER_MS = 4_000;
const LATE_FROM_MS = 120_000;
const LATE_TO_MS = 480_000;
/** A duplicate repeats one of so many events before it: 72 seconds. */
const DUPLICATE_REACH = 4_000;

/** The same events for the same seed. Duplicates and late events count among `events`. */
export function generateEvents(options: WorkloadOptions): FaultEvent[] {
  const { seed, events = WORKLOAD.events, keys = WORKLOAD.keys } = options;
  const random = mulberry32(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const made: FaultEvent[] = [];
  while (made.length < events) {
    const number = made.length;
    const kind = random();
    const repeated =
      kind < WORKLOAD.duplicateShare
        ? made[number - 1 - below(Math.min(number, DUPLICATE_REACH))]
        : undefined;
    if (repeated !== undefined) {
      made.push(repeated);
      continue;
    }
    const late = kind < WORKLOAD.duplicateShare + WORKLOAD.lateShare;
    const behindMs = late ? LATE_FROM_MS + below(LATE_TO_MS - LATE_FROM_MS) : below(JITTER_MS);
    made.push({
      id: `${seed}-${number}`,
      key: `key-${below(keys)}`,
      at: FIRST_EVENT_MS + LATE_TO_MS + number * STEP_MS - behindMs,
      region: `region-${below(REGIONS)}`,
      amount: below(1_000),
    });
  }
  return made;
}

/** A small generator of pseudo-random numbers in [0, 1) with 32 bits of state. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
