/*
 * What the fault topology must have made of its inbox, written a second time from its description: one pass over the
 * records of each partition in the order of their offsets, everything in plain maps. It shares no code with the
 * library. The numbers below repeat those of the topology on purpose.
 */
const WITHIN_MS = 300_000;
const MINUTE_MS = 60_000;
const CLOSES_AFTER_MS = MINUTE_MS + 10_000;
const MODULUS = 1_000_003;

export interface Sum {
  readonly count: number;
  readonly sum: number;
  readonly fingerprint: number;
}

export interface InboxRecord {
  readonly partition: number;
  readonly value: {
    readonly id: string;
    readonly key: string;
    readonly at: number;
    readonly region: string;
    readonly amount: number;
  };
}

export interface Expected {
  /** Of each `key@window start` the final result. */
  readonly windows: Map<string, Sum>;
  /** Windows that no later event has closed yet. */
  readonly openWindows: Map<string, Sum>;
  /** Of each key every summary, in order. */
  readonly keys: Map<string, Sum[]>;
  /** Of each region the amounts that were added, in whatever order. */
  readonly regions: Map<string, number[]>;
  /** Of each partition of the inbox. */
  readonly counters: Map<number, { processed: number; duplicate: number; late: number }>;
}

/** @param inbox in the order of offsets within each partition. */
export function referenceFold(inbox: readonly InboxRecord[]): Expected {
  const expected: Expected = {
    windows: new Map(),
    openWindows: new Map(),
    keys: new Map(),
    regions: new Map(),
    counters: new Map(),
  };
  const partitions = Map.groupBy(inbox, ({ partition }) => partition);
  for (const [partition, records] of partitions) foldPartition(partition, records, expected);
  return expected;
}

function foldPartition(partition: number, records: readonly InboxRecord[], expected: Expected): void {
  const counters = { processed: 0, duplicate: 0, late: 0 };
  expected.counters.set(partition, counters);
  const sightings = new Map<string, number[]>();
  const open = new Map<number, Map<string, Sum>>();
  let streamTime = 0;
  for (const { value } of records) {
    counters.processed++;
    if (value.at > streamTime) streamTime = value.at;
    for (const [start, sums] of open) {
      if (start + CLOSES_AFTER_MS > streamTime) continue;
      for (const [key, sum] of sums) expected.windows.set(`${key}@${start}`, sum);
      open.delete(start);
    }
    if (wasSeen(sightings, value, streamTime)) {
      counters.duplicate++;
      continue;
    }
    const before = expected.keys.get(value.key) ?? [];
    expected.keys.set(value.key, [...before, plus(before.at(-1), value.amount)]);
    const amounts = expected.regions.get(value.region) ?? [];
    expected.regions.set(value.region, amounts);
    amounts.push(value.amount);

    const start = value.at - (value.at % MINUTE_MS);
    if (start + CLOSES_AFTER_MS <= streamTime) {
      counters.late++;
      continue;
    }
    const sums = open.get(start) ?? new Map<string, Sum>();
    open.set(start, sums.set(value.key, plus(sums.get(value.key), value.amount)));
  }
  for (const [start, sums] of open) {
    for (const [key, sum] of sums) expected.openWindows.set(`${key}@${start}`, sum);
  }
}

/**
 * Event time is cut into stretches of five minutes; sightings in the newest stretch and in the two before it are
 * remembered. An id is a duplicate within five minutes of a sighting that is remembered. Every sighting counts.
 */
function wasSeen(
  sightings: Map<string, number[]>,
  { id, at }: { readonly id: string; readonly at: number },
  streamTime: number,
): boolean {
  const rememberedFrom = (Math.floor(streamTime / WITHIN_MS) - 2) * WITHIN_MS;
  const times = sightings.get(id) ?? [];
  const seen = times.some((time) => time >= rememberedFrom && Math.abs(at - time) <= WITHIN_MS);
  sightings.set(id, [...times, at]);
  return seen;
}

function plus(before: Sum | undefined, amount: number): Sum {
  const { count, sum, fingerprint } = before ?? { count: 0, sum: 0, fingerprint: 0 };
  return { count: count + 1, sum: sum + amount, fingerprint: (fingerprint * 31 + amount + 1) % MODULUS };
}
