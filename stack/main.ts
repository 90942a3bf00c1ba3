#!/usr/bin/env node
import { once } from 'node:events';
import { Command } from 'commander';
import { CodedError } from '@incident-streams/streams';
import { stackLines } from './banner.ts';
import { onInterruption } from './interruption.ts';
import { parseStackOptions } from './options.ts';
import type { StackOptions } from './options.ts';
import { startStack } from './start-stack.ts';

const program = new Command('stack')
  .description(
    'start Kafka, a schema registry, Redis, ClickHouse, PostgreSQL and the pipeline on this machine',
  )
  .option('--without-pipeline', 'start the services only')
  .option('--brokers <number>', 'size of the Kafka cluster; from 3 on, three replicas (default: 1)')
  .option('--port-offset <number>', 'added to every port (default: 0)')
  .option('--data-dir <path>', 'where everything is kept (default: .stack)')
  .action(async (given: unknown) => runStack(parseStackOptions(given)));

async function runStack(options: StackOptions): Promise<void> {
  const interruption = onInterruption();
  say('Starting. The first time, what is missing is downloaded.');
  const stack = await startStack(options, say);
  for (const line of stackLines(options, stack)) say(line);
  void stack.pipeline?.ended.then((how) => {
    if (!interruption.aborted)
      say(`The pipeline has ended (${how}): see ${options.dataDir}/pipeline/output.log`);
  });
  if (!interruption.aborted) {
    say('Running until Ctrl-C.');
    await once(interruption, 'abort');
  }
  say('Stopping.');
  await stack.stop();
  say('Stopped.');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
