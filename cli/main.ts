#!/usr/bin/env node
import { Command } from 'commander';
import { CodedError } from '@incident-streams/streams';
import { addClickHouseCommands } from './clickhouse/add-clickhouse-commands.ts';
import { parseDemoOptions } from './demo/demo-options.ts';
import { runDemo } from './demo/run-demo.ts';
import { describeTopology } from './describe.ts';
import { addRedisCommands } from './redis/add-redis-commands.ts';
import { runIncidents } from './run/run-incidents.ts';
import type { RunCommandOptions } from './run/run-incidents.ts';
import { addPermissionsCommand } from './permissions/add-permissions-command.ts';
import { addSchemasCommands } from './schemas/add-schemas-commands.ts';
import { addTokensCommands } from './tokens/add-tokens-commands.ts';
import { addVerifyCommand } from './verify/add-verify-command.ts';

const program = new Command('incidents').description('Real-time incident detection on event streams');

program
  .command('demo')
  .description('replay real outages through the pipeline, and serve what it finds')
  .option('--once', 'exit after the summary')
  .option('--json', 'print the summary as one JSON object, the last line of standard output')
  .option('--fresh', 'forget what an earlier run left in the data directory')
  .option('--data-dir <path>', 'where everything is kept (default: .data)')
  .option('--port <number>', 'port of the HTTP API on 127.0.0.1 (default: 8080, or a free one)')
  .option('--rules <file>', 'rules in place of those that ship (topology/rules/default-rules.json)')
  .option('--seed <number>', 'decides which faults are mixed into the input (default: 1)')
  .option('--limit <number>', 'replay so many arrivals only')
  .option('--only <series...>', 'replay these series only, e.g. github app1-03 grok_asg_anomaly')
  .option('--no-redis', 'do not write to Redis (REDIS_URL, or a server of its own)')
  .option(
    '--no-clickhouse',
    'do not write to ClickHouse (CLICKHOUSE_URL, there the database demo unless it names one, or an engine of its own)',
  )
  .action(async (given: unknown) => runDemo(parseDemoOptions(given)));

program
  .command('run')
  .description('run the pipeline on Kafka: configured by environment and file, see docs/run.md')
  .option('--role <role>', 'all (the default), topology, sinks or api')
  .option('--config <file>', 'JSON file with the configuration, e.g. incidents.example.json')
  .option('--print-config', 'print the configuration that would be in effect, without passwords, and exit')
  .action(async (given: RunCommandOptions) => process.exit(await runIncidents(given)));

program
  .command('describe')
  .description('print the topology')
  .option('--mermaid', 'as a Mermaid flow chart')
  .option('--rules <file>', 'rules in place of those that ship')
  .action((given: { mermaid?: boolean; rules?: string }) => {
    process.stdout.write(describeTopology(given));
  });

addSchemasCommands(program);
addRedisCommands(program);
addVerifyCommand(program);
addPermissionsCommand(program);
addClickHouseCommands(program);
addTokensCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
