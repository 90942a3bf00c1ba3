import type { LedgerCounts } from '../../connectors/http/index.ts';
import type { Injected } from '../../replay/arrival-sequence.ts';
import type { SeriesScore } from '../../replay/score/accuracy.ts';
import type { DelaySummary } from '../../replay/score/delay-summary.ts';
import type { GithubScore } from '../../replay/score/github-score.ts';
import { formatDuration } from '../../topology/rules/format-duration.ts';

/** How a replay went. With `--json` it is the last line of standard output. */
export interface DemoSummary extends LedgerCounts {
  readonly injected: Injected;
  readonly incidentsOpened: number;
  readonly incidentsReopened: number;
  readonly incidentsResolved: number;
  /** Openings and reopenings by the very first problem. */
  readonly openedAtOnce: number;
  /** Of the others, from the beginning of the trouble to the opening, in the time of the data. */
  readonly timeToDetect: DelaySummary;
  /** From the opening to the resolution. */
  readonly timeToResolve: DelaySummary;
  /** GitHub's incidents against the start and end that GitHub gives in hindsight. */
  readonly github: GithubScore;
  /** Arrivals that this run has put through the whole pipeline, by the seconds it took; 0 where nothing was left to do. */
  readonly eventsPerSecond: number;
  readonly replaySeconds: number;
  readonly series: readonly SeriesScore[];
}

export function summaryLines(summary: DemoSummary): string[] {
  const { injected } = summary;
  const rows = [
    ['received', summary.received, ''],
    ['applied', summary.applied, ''],
    ['duplicates', summary.duplicates, `injected ${number(injected.duplicates)}`],
    ['late', summary.late, `injected ${number(injected.late)}`],
    ['dead-lettered', summary.deadLettered, `injected ${number(injected.broken)}`],
  ] as const;
  return [
    '',
    'Ledger',
    ...rows.map(([name, count, note]) => `  ${name.padEnd(14)} ${number(count).padStart(10)}  ${note}`),
    '',
    `Incidents   ${number(summary.incidentsOpened)} opened, ${number(summary.incidentsReopened)} reopened, ${number(summary.incidentsResolved)} resolved`,
    `Detection   ${number(summary.openedAtOnce)} at the first problem; the others median ${delay(summary.timeToDetect.medianMs)} after it, 95 % within ${delay(summary.timeToDetect.p95Ms)}`,
    `Resolution  median ${delay(summary.timeToResolve.medianMs)} after the opening, 95 % within ${delay(summary.timeToResolve.p95Ms)}`,
    ...githubLines(summary.github),
    `Speed       ${number(Math.round(summary.eventsPerSecond))} events/s (${summary.replaySeconds.toFixed(1)} s)`,
    '',
    ...seriesLines(summary.series),
  ];
}

function githubLines({ incidents, detected }: GithubScore): string[] {
  if (incidents === 0) return [];
  const missed = detected === incidents ? '' : ' (the others were posted when they were over)';
  return [`GitHub      ${number(detected)} of ${number(incidents)} incidents found${missed}`];
}

function seriesLines(series: readonly SeriesScore[]): string[] {
  if (series.length === 0) return [];
  const title = `${'Labelled series'.padEnd(38)} precision  recall   trivial rule (mean + 3 σ)`;
  return [title, ...series.map(seriesLine), ''];
}

function seriesLine(series: SeriesScore): string {
  const own = `${percent(series.precision).padStart(9)}  ${percent(series.recall).padStart(6)}`;
  return `  ${series.name.padEnd(36)} ${own}   ${percent(series.baselinePrecision).padStart(9)}  ${percent(series.baselineRecall).padStart(6)}`;
}

function percent(value: number | null): string {
  return value === null ? '–' : `${(value * 100).toFixed(0)} %`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function delay(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 0 ? `-${formatDuration(-ms)}` : formatDuration(ms);
}
