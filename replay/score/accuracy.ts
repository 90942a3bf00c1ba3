/** How much of what was found was wanted, and how much of what was wanted was found: 0 to 1, null where nothing was. */
export interface Accuracy {
  readonly precision: number | null;
  readonly recall: number | null;
}

/** One labelled series: the pipeline beside the trivial rule. */
export interface SeriesScore extends Accuracy {
  readonly name: string;
  readonly baselinePrecision: number | null;
  readonly baselineRecall: number | null;
}

/** A share of a whole; null of an empty one. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

export function besideBaseline(name: string, pipeline: Accuracy, baseline: Accuracy): SeriesScore {
  return { name, ...pipeline, baselinePrecision: baseline.precision, baselineRecall: baseline.recall };
}
