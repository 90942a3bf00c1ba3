import type { Measurement } from './run-variant.ts';
import type { VariantName } from './variants.ts';

/** The median of each figure over the rounds. */
export function mediansOf(
  measured: ReadonlyMap<VariantName, readonly Measurement[]>,
): ReadonlyMap<VariantName, Measurement> {
  return new Map(
    Array.from(measured, ([name, rounds]) => {
      const of = (figure: keyof Measurement): number => median(rounds.map((round) => round[figure]));
      const medians: Measurement = {
        eventsPerSecond: of('eventsPerSecond'),
        cpuSecondsPerMillion: of('cpuSecondsPerMillion'),
        maxRssMb: of('maxRssMb'),
        commits: of('commits'),
        meanCommitMs: of('meanCommitMs'),
        outputRecords: of('outputRecords'),
      };
      return [name, medians];
    }),
  );
}

/** Ours against theirs. With `vs`, above 1 is faster; `rssRatio` and `cpuRatio` are ours divided by theirs, below 1 is less. */
export function ratiosOf(medians: ReadonlyMap<VariantName, Measurement>): Readonly<Record<string, number>> {
  const ratio = (figure: keyof Measurement, ours: VariantName, theirs: VariantName): number | undefined => {
    const [one, other] = [medians.get(ours), medians.get(theirs)];
    return one === undefined || other === undefined ? undefined : one[figure] / other[figure];
  };
  const ratios = {
    vsKafkaStreamsInMemory: ratio('eventsPerSecond', 'memory', 'kafka-streams-memory'),
    vsKafkaStreamsInMemoryWithChangelog: ratio('eventsPerSecond', 'memory-changelog', 'kafka-streams-memory'),
    vsKafkaStreamsRocksDb: ratio('eventsPerSecond', 'lmdb', 'kafka-streams-rocksdb'),
    vsKafkaStreamsRocksDbWithChangelog: ratio('eventsPerSecond', 'lmdb-changelog', 'kafka-streams-rocksdb'),
    rssRatio: ratio('maxRssMb', 'memory', 'kafka-streams-memory'),
    rssRatioRocksDb: ratio('maxRssMb', 'lmdb', 'kafka-streams-rocksdb'),
    cpuRatio: ratio('cpuSecondsPerMillion', 'memory', 'kafka-streams-memory'),
  };
  return Object.fromEntries(
    Object.entries(ratios).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? NaN;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
