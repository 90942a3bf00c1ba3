import type { PartReadiness } from '../../connectors/http/index.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { DemoService, DemoServices } from './demo-services.ts';

/** What is ready, behind, failing or off, part by part. */
export function readinessOf(pipeline: Pipeline, services: DemoServices): PartReadiness[] {
  const failure = pipeline.runtime.failure();
  return [
    { name: 'pipeline', state: failure === undefined ? 'ready' : 'failed', reason: failure?.message ?? null },
    ...sinks(pipeline),
    ...off(services.redis),
    ...off(services.clickhouse),
  ];
}

function sinks(pipeline: Pipeline): PartReadiness[] {
  return pipeline.runtime.sinkStatus().map(({ connector, lag, failure }) => {
    const behind = `${lag} records behind`;
    if (failure !== undefined) return { name: connector, state: 'failed', reason: `${failure} (${behind})` };
    return { name: connector, state: 'ready', reason: lag === 0 ? null : behind };
  });
}

function off(service: DemoService): PartReadiness[] {
  return 'off' in service ? [{ name: service.name.toLowerCase(), state: 'off', reason: service.off }] : [];
}
