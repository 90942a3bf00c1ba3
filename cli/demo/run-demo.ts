import { once } from 'node:events';
import { join } from 'node:path';
import { createHttpServer, listenHttp } from '../../connectors/http/index.ts';
import { loadReplayData } from '../../replay/load/replay-data.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { createHttpPorts } from '../pipeline/http-ports.ts';
import { PipelineClock } from '../pipeline/pipeline-clock.ts';
import { openPipeline } from '../pipeline/pipeline.ts';
import type { Pipeline, PipelineOptions } from '../pipeline/pipeline.ts';
import { startTicker } from '../pipeline/ticker.ts';
import { TransitionHistory } from '../pipeline/transition-history.ts';
import { bannerLines } from './banner.ts';
import { loadRules } from './demo-options.ts';
import type { DemoOptions } from './demo-options.ts';
import { startDemoServices } from './demo-services.ts';
import type { DemoService, DemoServices } from './demo-services.ts';
import { onInterruption } from './interruption.ts';
import { readinessOf } from './readiness.ts';
import { arrivalsFor, replay } from './replay.ts';
import { prepareDataDirectory } from './replay-settings.ts';
import { Screen } from './screen.ts';

/** What a crash test hooks into. */
export type DemoHooks = Pick<PipelineOptions, 'onCommitStep'>;

/** The main job: replays the shipped outages through the pipeline, prints what it finds, and serves it. */
export async function runDemo(options: DemoOptions, hooks: DemoHooks = {}): Promise<void> {
  const ruleSet = loadRules(options.rules);
  const data = loadReplayData();
  prepareDataDirectory(options, ruleSet);
  const cleanUp = new AsyncDisposableStack();
  try {
    const interruption = onInterruption();
    cleanUp.defer(interruption.end);
    const services = await startDemoServices({ ...options, environment: process.env });
    cleanUp.defer(() => stopServices(services));
    const pipeline = openDemoPipeline(options, { hooks, ruleSet, services });
    cleanUp.defer(() => pipeline.runtime.close());
    const arrivals = arrivalsFor(pipeline, options, data);
    const clock = new PipelineClock();
    const screen = new Screen(options.json ? process.stderr : process.stdout);
    const api = await serve(options, { pipeline, clock, services, cleanUp });
    for (const line of bannerLines({ api, dataDir: options.dataDir, services })) screen.line(line);
    await replay({
      pipeline,
      clock,
      screen,
      data,
      arrivals,
      json: options.json,
      signal: interruption.signal,
    });
    if (options.once || interruption.signal.aborted) return;
    cleanUp.defer(startTicker(pipeline, clock));
    screen.line(`Serving ${api} until Ctrl-C.`);
    await once(interruption.signal, 'abort');
  } finally {
    await cleanUp.disposeAsync();
  }
}

function openDemoPipeline(
  options: DemoOptions,
  parts: { readonly hooks: DemoHooks; readonly ruleSet: RuleSet; readonly services: DemoServices },
): Pipeline {
  const { hooks, ruleSet, services } = parts;
  return openPipeline({
    ...hooks,
    directory: join(options.dataDir, 'streams'),
    ruleSet,
    sinks: services.sinks,
  });
}

/** Starts the HTTP API and returns its URL. */
async function serve(
  options: DemoOptions,
  parts: {
    readonly pipeline: Pipeline;
    readonly clock: PipelineClock;
    readonly services: DemoServices;
    readonly cleanUp: AsyncDisposableStack;
  },
): Promise<string> {
  const { pipeline, clock, services, cleanUp } = parts;
  const history = new TransitionHistory(pipeline);
  cleanUp.defer(() => history.stop());
  const ports = createHttpPorts({ pipeline, clock, history, parts: () => readinessOf(pipeline, services) });
  const server = createHttpServer(ports, { now: () => clock.now() });
  cleanUp.defer(async () => {
    await server.close();
  });
  return listenOnFreePort(server, options.port);
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

async function stopServices({ redis, clickhouse }: DemoServices): Promise<void> {
  await Promise.all([stopService(redis), stopService(clickhouse)]);
}

async function stopService(service: DemoService): Promise<void> {
  if ('stop' in service) await service.stop();
}
