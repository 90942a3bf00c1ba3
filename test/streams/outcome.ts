/** Everything about a run that two runtimes must agree on. */
export interface Outcome {
  /** The records of every topic, partition after partition, each in the order of its offsets. */
  readonly topics: Readonly<Record<string, readonly string[]>>;
  /** By task, then by counter. */
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By store: its entries, partition after partition. */
  readonly stores: Readonly<Record<string, readonly string[]>>;
}

/** One counter over all tasks. */
export function totalOf(outcome: Outcome, counter: string): number {
  return Object.values(outcome.counters).reduce((sum, counters) => sum + (counters[counter] ?? 0), 0);
}
