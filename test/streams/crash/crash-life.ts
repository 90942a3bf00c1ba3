import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import type { CommitStep } from '@incident-streams/streams/embedded';
import { outcomeOfEmbedded } from '../runtimes.ts';
import { CRASH_TOPICS, INPUT_CHUNK, INPUT_RECORDS, crashTopology, inputRecord } from './crash-topology.ts';

/*
 * One life of a process that feeds and runs the crash topology: `node crash-life.ts <json>`. It goes on where the life
 * before it ended; if it is not killed it prints the outcome and ends.
 */
export interface CrashLife {
  readonly directory: string;
  readonly broken: boolean;
  /** Kill this process at the n-th time that a commit takes this step. */
  readonly killAt?: { readonly step: CommitStep; readonly time: number };
}

const life = JSON.parse(process.argv[2] ?? '{}') as CrashLife;
const declared = crashTopology({ broken: life.broken });
let stepsLeft = life.killAt?.time ?? 0;

const runtime = EmbeddedRuntime.open({
  topology: declared.topology,
  directory: life.directory,
  partitions: 1,
  topics: CRASH_TOPICS,
  maxCommitMs: 1,
  onCommitStep: (step) => {
    if (step === life.killAt?.step && --stepsLeft === 0) process.kill(process.pid, 'SIGKILL');
  },
});
runtime.start();
process.stdout.write('started\n');
for (let next = runtime.producerPosition('generator') ?? 0; next < INPUT_RECORDS; next += INPUT_CHUNK) {
  const records = Array.from({ length: INPUT_CHUNK }, (_, i) => inputRecord(next + i));
  runtime.produce(records, { producer: 'generator', value: next + INPUT_CHUNK });
  // What has been said to be durable must be there in the next life.
  process.stdout.write(`durable ${next + INPUT_CHUNK}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
await runtime.whenProcessed();
process.stdout.write(`outcome ${JSON.stringify(outcomeOfEmbedded(runtime, declared))}\n`);
await runtime.close();
