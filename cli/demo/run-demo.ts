import { once } from 'node:events';
import { join } from 'node:path';
import { createHttpServer, listenHttp } from '../../connectors/http/index.ts';
import { loadReplayData } from '../../replay/load/replay-data.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { UsageError } from '../errors.ts';
import { createHttpPorts } from '../pipeline/http-ports.ts';
import { newestInInbox } from '../pipeline/newest-in-inbox.ts';
import { PipelineClock } from '../pipeline/pipeline-clock.ts';
import { openPipeline } from '../pipeline/pipeline.ts';
import type { Pipeline, PipelineOptions } from '../pipeline/pipeline.ts';
import { startTicker } from '../pipeline/ticker.ts';
import { TransitionHistory } from '../pipeline/transition-history.ts';
import { bannerLines } from './banner.ts';
import { loadRules } from './demo-options.ts';
import type { DemoOptions } from './demo-options.ts';
import { startDemoServices, stopDemoServices } from './demo-services.ts';
import type { DemoServices } from './demo-services.ts';
import { onInterruption } from './interruption.ts';
import { readinessOf } from './readiness.ts';
import { arrivalsFor, printIncidents, replay } from './replay.ts';
import { prepareDataDirectory } from './replay-settings.ts';
import { Screen } from './screen.ts';

const USUAL_PORT = 8080;

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
    cleanUp.defer(() => stopDemoServices(services));
    const pipeline = openDemoPipeline(options, { hooks, ruleSet, services });
    cleanUp.defer(() => pipeline.runtime.close());
    const arrivals = arrivalsFor(pipeline, options, data);
    const clock = new PipelineClock();
    // Also before the first arrival: what is read back may not be mixed with today.
    clock.replayTo(newestInInbox(pipeline));
    const screen = new Screen(options.json ? process.stderr : process.stdout);
    const api = await serve(options, { pipeline, clock, services, cleanUp });
    for (const line of bannerLines({ api, dataDir: options.dataDir, services })) screen.line(line);
    cleanUp.defer(printIncidents(pipeline, screen));
    await replay({ options, pipeline, clock, screen, data, arrivals, signal: interruption.signal });
    if (options.once || interruption.signal.aborted) return;
    cleanUp.defer(startTicker(pipeline, clock));
    screen.line(`Serving ${api} until Ctrl-C.`);
    await once(interruption.signal, 'abort');
    screen.line('Stopping.');
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
  return listen(server, options.port);
}

/** The port that was asked for; where none was, the usual one or, if that is taken, a free one. */
async function listen(server: Parameters<typeof listenHttp>[0], port: number | undefined): Promise<string> {
  try {
    return await listenHttp(server, { port: port ?? USUAL_PORT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (port !== undefined)
      throw new UsageError(`--port ${port} is taken by another program`, { cause: error });
    return listenHttp(server, { port: 0 });
  }
}
