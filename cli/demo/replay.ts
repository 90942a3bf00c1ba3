import { arrivalsOf } from '../../replay/arrival-sequence.ts';
import type { ArrivalSequence } from '../../replay/arrival-sequence.ts';
import { defaultFaults } from '../../replay/faults/fault-options.ts';
import type { ReplayData } from '../../replay/load/replay-data.ts';
import { TOPICS } from '../../topology/topics.ts';
import { followTopic } from '../pipeline/follow-topic.ts';
import type { PipelineClock } from '../pipeline/pipeline-clock.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { DemoOptions } from './demo-options.ts';
import { incidentLine } from './incident-lines.ts';
import { feedReplay } from './replay-feeder.ts';
import { keepSummary, recallSummary } from './replay-settings.ts';
import { replayResult } from './replay-result.ts';
import type { Screen } from './screen.ts';
import { summaryLines } from './summary.ts';

export interface ReplayParts {
  readonly options: DemoOptions;
  readonly pipeline: Pipeline;
  readonly clock: PipelineClock;
  readonly screen: Screen;
  readonly data: ReplayData;
  readonly arrivals: ArrivalSequence;
  readonly signal: AbortSignal;
}

/** The shipped data as it arrives under the given options and the rules' limits. */
export function arrivalsFor(pipeline: Pipeline, options: DemoOptions, data: ReplayData): ArrivalSequence {
  const { seed, limit, only } = options;
  const { graceMs, dedupeWithinMs, maxAheadMs } = pipeline.ruleSet.limits;
  const faults = { ...defaultFaults, seed, graceMs, dedupeWithinMs, maxAheadMs };
  const selection = { ...(limit === undefined ? {} : { limit }), ...(only === undefined ? {} : { only }) };
  return arrivalsOf(data, { ...faults, ...selection }, (event) =>
    pipeline.serdes.incidentEvent.serialize(event),
  );
}

/** Runs the replay to its end, prints what happens, and sums it up; an interrupted one goes on at the next start. */
export async function replay(parts: ReplayParts): Promise<void> {
  const { options, pipeline, arrivals, clock, screen, data, signal } = parts;
  pipeline.runtime.start();
  const started = performance.now();
  const fed = await feedReplay({
    pipeline,
    arrivals,
    clock,
    isStopped: () => signal.aborted,
    onProgress: (count, receivedAt) =>
      screen.progress(count / arrivals.size, progressLabel(count, receivedAt)),
  });
  const seconds = (performance.now() - started) / 1000;
  await sinksCaughtUp(pipeline, screen, signal);
  screen.endProgress();
  if (signal.aborted) return;
  const known = recallSummary(options);
  const summary = known ?? replayResult({ pipeline, arrivals, data, only: options.only, fed, seconds });
  if (known === undefined) keepSummary(options, summary);
  else screen.line('The replay was complete already; this is what came of it (--fresh begins anew).');
  for (const line of summaryLines(summary)) screen.line(line);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
}

/** Prints what happens to incidents from now on; returns how to stop. */
export function printIncidents({ runtime, serdes }: Pipeline, screen: Screen): () => void {
  const topic = TOPICS.transitions;
  const partitions = runtime.partitionsOf(topic);
  return followTopic(runtime, {
    topic,
    from: Array.from({ length: partitions }, (_, partition) => runtime.endOffset(topic, partition)),
    onRecord: ({ value }) => {
      if (value === null) return;
      const transition = serdes.incidentTransition.deserialize(value);
      const line = incidentLine(transition, { colour: screen.isTerminal, columns: screen.columns });
      if (line !== undefined) screen.line(line);
    },
  });
}

/** A sink that fails is not waited for: it catches up whenever it can. */
async function sinksCaughtUp({ runtime }: Pipeline, screen: Screen, signal: AbortSignal): Promise<void> {
  const caughtUp = runtime.whenSinksCaughtUp().then(() => true);
  const interrupted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  for (;;) {
    if (signal.aborted) break;
    const done = await Promise.race([caughtUp, interrupted, afterMs(SINK_CHECK_MS)]);
    if (done === true) return;
    const behind = runtime.sinkStatus().filter((sink) => sink.lag > 0);
    if (behind.length > 0 && behind.every((sink) => sink.failure !== undefined)) {
      for (const sink of behind)
        screen.line(`${sink.connector} is ${sink.lag} records behind: ${sink.failure ?? ''}`);
      break;
    }
  }
  caughtUp.catch(() => undefined);
}

const SINK_CHECK_MS = 500;

function afterMs(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs).unref());
}

function progressLabel(count: number, receivedAt: number): string {
  return `${count.toLocaleString('en')} events  ${new Date(receivedAt).toISOString().slice(0, 10)}`;
}
