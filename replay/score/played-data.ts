import type { ReplayData } from '../load/replay-data.ts';

/** What of the data a replay has played to its end: only that can be scored. */
export function playedData(
  data: ReplayData,
  played: { readonly only: readonly string[] | undefined; readonly until: number },
): ReplayData {
  const { only, until } = played;
  const isChosen = (name: string): boolean => only === undefined || only.includes(name);
  return {
    github: isChosen('github') ? data.github.filter(({ truth }) => truth.resolvedAt <= until) : [],
    crashes: data.crashes.filter(
      ({ name, hours }) => isChosen(name) && (hours.at(-1)?.startAt ?? 0) <= until,
    ),
    latencies: data.latencies.filter(
      ({ name, samples }) => isChosen(name) && (samples.at(-1)?.at ?? 0) <= until,
    ),
  };
}
