import type { Command } from 'commander';
import { CodedError } from '@incident-streams/streams';
import { verifyPipeline } from './verify-pipeline.ts';
import { asJson, asTable } from './report.ts';
import { exitCodeOf } from './finding.ts';
import { parseVerifyOptions } from './verify-options.ts';
import type { GivenVerifyOptions } from './verify-options.ts';

/** `incidents verify`. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('compare what a pipeline on Kafka has in its topics, stores, Redis and ClickHouse')
    .option('--config <file>', 'JSON file with the configuration, as for run')
    .option('--only <checks>', 'some of the checks, e.g. state,redis')
    .option('--timeout <seconds>', 'how long a check waits for what is behind (default: 30)')
    .option('--max-keys <number>', 'how many differences of each check are shown (default: 10)')
    .option('--json', 'print one JSON object')
    .action(async (given: GivenVerifyOptions) => process.exit(await verify(given)));
}

/** 0: everything matches. 1: something does not. 2: something, or everything, could not be checked. */
async function verify(given: GivenVerifyOptions): Promise<number> {
  try {
    const options = parseVerifyOptions(given, process.env);
    const findings = await verifyPipeline(options);
    const exitCode = exitCodeOf(findings);
    await print(given.json === true ? asJson(findings, exitCode) : asTable(findings));
    return exitCode;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    return 2;
  }
}

/** A pipe may take the text in several pieces; ending before it has all of them would cut it off. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
