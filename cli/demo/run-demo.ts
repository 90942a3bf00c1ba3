import { once } from 'node:events';
import { join } from 'node:path';
import { createHttpServer, listenHttp } from '../../connectors/http/index.ts';
import type { PartReadiness } from '../../connectors/http/index.ts';
import { arrivalsOf } from '../../replay/arrival-sequence.ts';
import type { ArrivalSequence } from '../../replay/arrival-sequence.ts';
import { defaultFaults } from '../../replay/faults/fault-options.ts';
import { loadReplayData } from '../../replay/load/replay-data.ts';
import type { ReplayData } from '../../replay/load/replay-data.ts';
import { createHttpPorts } from '../pipeline/http-ports.ts';
import { PipelineClock } from '../pipeline/pipeline-clock.ts';
import { openPipeline } from '../pipeline/pipeline.ts';
import type { Pipeline, PipelineOptions } from '../pipeline/pipeline.ts';
import { startTicker } from '../pipeline/ticker.ts';
import { TransitionHistory } from '../pipeline/transition-history.ts';
import { bannerLines } from './banner.ts';
import type { DemoOptions } from './demo-options.ts';
import { loadRules } from './demo-options.ts';
import { startDemoServices } from './demo-services.ts';
import type { DemoService, DemoServices } from './demo-services.ts';
import { incidentLine } from './incident-lines.ts';
import { feedReplay } from './replay-feeder.ts';
import { replayResult } from './replay-result.ts';
import { claimReplaySettings } from './replay-settings.ts';
import { Screen } from './screen.ts';
import { summaryLines } from './summary.ts';

/** What a crash test hooks into. */
export type DemoHooks = Pick<PipelineOptions, 'onCommitStep'>;

interface RunningDemo {
  readonly options: DemoOptions;
  readonly pipeline: Pipeline;
  readonly clock: PipelineClock;
  readonly screen: Screen;
  readonly data: ReplayData;
  readonly arrivals: ArrivalSequence;
  readonly interruption: AbortSignal;
}

/** The main job: replays the shipped outages through the pipeline, prints what it finds, and serves it. */
export async function runDemo(options: DemoOptions, hooks: DemoHooks = {}): Promise<void> {
  const screen = new Screen(options.json ? process.stderr : process.stdout);
  const ruleSet = loadRules(options.rules);
  claimReplaySettings(options, ruleSet);
  const interruption = onInterruption();
  const services = await startDemoServices({ ...options, environment: process.env });
  const pipeline = openPipeline({
    ...hooks,
    directory: join(options.dataDir, 'streams'),
    ruleSet,
    sinks: services.sinks,
  });
  const clock = new PipelineClock();
  const history = new TransitionHistory(pipeline);
  const parts = (): PartReadiness[] => readiness(pipeline, services);
  const server = createHttpServer(createHttpPorts({ pipeline, clock, history, parts }), {
    now: () => clock.now(),
  });
  try {
    const api = await listenOnFreePort(server, options.port);
    for (const line of bannerLines({ api, dataDir: options.dataDir, services })) screen.line(line);
    const data = loadReplayData();
    const { graceMs, dedupeWithinMs, maxAheadMs } = ruleSet.limits;
    const faults = { ...defaultFaults, seed: options.seed, graceMs, dedupeWithinMs, maxAheadMs };
    const selection = {
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      ...(options.only === undefined ? {} : { only: options.only }),
    };
    const arrivals = arrivalsOf(data, { ...faults, ...selection }, (event) =>
      pipeline.serdes.incidentEvent.serialize(event),
    );
    await replay(
      { options, pipeline, clock, screen, data, arrivals, interruption: interruption.signal },
      history,
    );
    if (!options.once && !interruption.signal.aborted) {
      const stopTicker = startTicker(pipeline, clock);
      screen.line(`Serving ${api} until Ctrl-C.`);
      await once(interruption.signal, 'abort');
      stopTicker();
    }
  } finally {
    history.stop();
    await server.close();
    await pipeline.runtime.close();
    await Promise.all([stopService(services.redis), stopService(services.clickhouse)]);
    interruption.end();
  }
}

async function replay(demo: RunningDemo, history: TransitionHistory): Promise<void> {
  const { options, pipeline, clock, screen, data, arrivals, interruption } = demo;
  history.onTransition((transition) => {
    const line = incidentLine(transition, { colour: screen.isTerminal });
    if (line !== undefined && clock.isReplaying) screen.line(line);
  });
  pipeline.runtime.start();
  const started = performance.now();
  const fed = await feedReplay({
    pipeline,
    arrivals,
    clock,
    onProgress: (count, receivedAt) =>
      screen.progress(
        count / arrivals.size,
        `${count.toLocaleString('en')} events  ${new Date(receivedAt).toISOString().slice(0, 10)}`,
      ),
    isStopped: () => interruption.aborted,
  });
  const seconds = (performance.now() - started) / 1000;
  if (!interruption.aborted) await pipeline.runtime.whenSinksCaughtUp();
  screen.endProgress();
  if (interruption.aborted) return;
  const summary = replayResult({ pipeline, arrivals, data, fed, seconds });
  for (const line of summaryLines(summary)) screen.line(line);
  clock.replayEnded();
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
}

function readiness(pipeline: Pipeline, services: DemoServices): PartReadiness[] {
  const sinks = pipeline.runtime.sinkStatus().map((sink): PartReadiness => {
    const behind = `${sink.lag} records behind`;
    if (sink.failure !== undefined)
      return { name: sink.connector, state: 'failed', reason: `${sink.failure} (${behind})` };
    return { name: sink.connector, state: 'ready', reason: sink.lag === 0 ? null : behind };
  });
  const off = [services.redis, services.clickhouse].flatMap((service: DemoService): PartReadiness[] => {
    return 'off' in service ? [{ name: service.name.toLowerCase(), state: 'off', reason: service.off }] : [];
  });
  return [{ name: 'pipeline', state: 'ready', reason: null }, ...sinks, ...off];
}

async function stopService(service: DemoService): Promise<void> {
  if ('stop' in service) await service.stop();
}

/** The port that was asked for, or where it is taken a free one. */
async function listenOnFreePort(server: Parameters<typeof listenHttp>[0], port: number): Promise<string> {
  try {
    return await listenHttp(server, { port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return listenHttp(server, { port: 0 });
  }
}

/** Turns the first Ctrl-C or SIGTERM into a graceful end; a second one ends at once. */
function onInterruption(): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const abort = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', abort);
      process.off('SIGTERM', abort);
    },
  };
}
