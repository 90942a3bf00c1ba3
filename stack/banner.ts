import type { StackOptions } from './options.ts';
import type { RunningStack } from './start-stack.ts';

const NAME_WIDTH = 12;

/** What runs where, and how to look at it. No line holds a password. */
export function stackLines(options: StackOptions, stack: RunningStack): string[] {
  const { services, ports, environmentFile } = stack;
  const registry = services.schemaRegistry.url;
  return [
    '',
    ...(stack.pipeline === undefined ? [] : pipelineLines(stack)),
    row('Kafka', services.kafka.url),
    row('Registry', registry),
    row('', `curl ${registry}/subjects`),
    row('Redis', services.redis.url),
    row('', `redis-cli -u ${services.redis.url} SUBSCRIBE alerts`),
    row('ClickHouse', `http://127.0.0.1:${ports.clickhouse}`),
    row('', `curl 'http://127.0.0.1:${ports.clickhouse}/?query=SHOW+TABLES+FROM+history'`),
    row('PostgreSQL', services.postgres.url),
    row('Data, logs', `${options.dataDir}/<name>, with output.log in it`),
    row(
      'More of it',
      `${anotherProcess(stack)} node --env-file=${environmentFile} cli/main.ts run`.trimStart(),
    ),
    '',
  ];
}

function pipelineLines({ ports }: RunningStack): string[] {
  const api = `http://127.0.0.1:${ports.http}`;
  const health = `http://127.0.0.1:${ports.monitoring}`;
  return [
    row('Incidents', `${api}/incidents`),
    row('Alerts', `curl -N ${api}/alerts`),
    row('Health', `${health}/readyz, ${health}/metrics`),
  ];
}

/** A second one cannot listen where the first one does. */
function anotherProcess({ pipeline }: RunningStack): string {
  return pipeline === undefined ? '' : 'INCIDENTS_HTTP_PORT=0 INCIDENTS_MONITORING_PORT=0';
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(NAME_WIDTH)}${text}`;
}
