import { onTestFinished } from 'vitest';
import { createHttpServer, listenHttp } from '../../connectors/http/index.ts';
import type { HttpServerOptions } from '../../connectors/http/index.ts';
import { createHttpPorts } from '../../cli/pipeline/http-ports.ts';
import type { HttpPortsParts } from '../../cli/pipeline/http-ports.ts';
import { PipelineClock } from '../../cli/pipeline/pipeline-clock.ts';
import { openPipeline } from '../../cli/pipeline/pipeline.ts';
import type { Pipeline } from '../../cli/pipeline/pipeline.ts';
import { startTicker } from '../../cli/pipeline/ticker.ts';
import { TransitionHistory } from '../../cli/pipeline/transition-history.ts';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { ApiClient } from '../main-job/support/api-client.ts';
import { dataDirectory } from '../main-job/support/data-directory.ts';
import { quickRulesFile } from '../main-job/support/quick-rules.ts';

export interface EmbeddedServer {
  readonly pipeline: Pipeline;
  readonly api: ApiClient;
}

/** The real server over the real incident topology on the embedded runtime, today; stopped when the test ends. */
export async function runEmbeddedServer({
  server: serverOptions = {},
  port = 0,
  isProcessing = true,
  ...parts
}: Pick<HttpPortsParts, 'maxBacklogRecords'> & {
  readonly server?: HttpServerOptions;
  /** Whether the runtime is started; otherwise the test does so. Default true. */
  readonly isProcessing?: boolean;
  /** Default: a free one. */
  readonly port?: number;
} = {}): Promise<EmbeddedServer> {
  const directory = dataDirectory();
  const pipeline = openPipeline({ directory, ruleSet: loadRules(quickRulesFile(directory)), sinks: {} });
  const cleanUp = new AsyncDisposableStack();
  onTestFinished(() => cleanUp.disposeAsync());
  cleanUp.defer(() => pipeline.runtime.close());
  const clock = new PipelineClock();
  const history = new TransitionHistory(pipeline);
  cleanUp.defer(() => history.stop());
  const app = createHttpServer(
    createHttpPorts({ pipeline, clock, history, parts: () => [], ...parts }),
    serverOptions,
  );
  cleanUp.defer(async () => {
    await app.close();
  });
  if (isProcessing) pipeline.runtime.start();
  cleanUp.defer(startTicker(pipeline, clock));
  return { pipeline, api: new ApiClient(await listenHttp(app, { port })) };
}
