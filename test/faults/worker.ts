import { KafkaRuntime } from '@incident-streams/streams/kafka';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { connectKafka } from '../../connectors/kafka/index.ts';
import type { WorkerDump } from './check.ts';
import { dumpStores } from './dump-stores.ts';
import { faultTopology } from './fault-topology.ts';
import type { CommitStep, WorkerCommand, WorkerMessage, WorkerSettings } from './worker-messages.ts';
import { WORKLOAD } from './workload.ts';

/*
 * One process that runs the fault topology: `node worker.ts <settings as JSON>`. It does what it is told on its
 * standard input, and ends with it: so it does not outlive its parent.
 */
const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const declared = faultTopology(settings.topics, settings.dedupeRecovery);
const cluster = connectKafka({ brokers: settings.brokers, clientId: settings.applicationId });
const WATCH_MS = 100;
const STALL_MS = 700;
let stopAt: CommitStep | undefined;
let runtime: KafkaRuntime | undefined;

function say(message: WorkerMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** Stops in a task of the inbox only: each of their commits has written something, so a transaction is open. */
function onCommitStep(task: string, step: CommitStep): void {
  if (step !== stopAt || !task.startsWith('0_')) return;
  stopAt = undefined;
  say({ type: 'stopping', task, step });
  process.kill(process.pid, 'SIGSTOP');
}

const outputTopic = { partitions: WORKLOAD.partitions, configs: { 'retention.ms': '-1' } };

async function start(): Promise<void> {
  runtime = new KafkaRuntime({
    topology: declared.topology,
    cluster,
    applicationId: settings.applicationId,
    guarantee: settings.guarantee,
    stateDirectory: settings.stateDirectory,
    replicationFactor: settings.replicationFactor,
    sessionTimeoutMs: settings.sessionTimeoutMs,
    transactionTimeoutMs: settings.transactionTimeoutMs,
    topics: {
      [settings.topics.windows]: outputTopic,
      [settings.topics.keys]: outputTopic,
      [settings.topics.regions]: outputTopic,
    },
    onCommitStep,
    onEvent: (event) => {
      if (event.type !== 'committed') say({ type: 'runtime', event });
    },
  });
  await runtime.start();
  say({ type: 'started' });
}

function dump(file: string): void {
  if (runtime === undefined) throw new Error('there is nothing to dump: the worker has not been started');
  const running = runtime;
  const stores = dumpStores(declared, (builder) => running.stores(builder));
  const content: WorkerDump = { counters: running.counters(), stores };
  writeFileSync(file, JSON.stringify(content));
  say({ type: 'dumped' });
}

async function close(): Promise<void> {
  await runtime?.close();
  runtime = undefined;
  say({ type: 'closed' });
}

async function obey(command: WorkerCommand): Promise<void> {
  switch (command.type) {
    case 'start':
      return start();
    case 'stop-at':
      stopAt = command.step;
      return;
    case 'dump':
      return dump(command.file);
    case 'close':
      return close();
  }
}

/** Who is kept from running for long misses heartbeats: worth knowing, and whether it was busy itself. */
function watchForStalls(): void {
  let [last, busyMs] = [performance.now(), 0];
  setInterval(() => {
    const stalledMs = Math.round(performance.now() - last) - WATCH_MS;
    const { user, system } = process.cpuUsage();
    const ownMs = Math.round((user + system) / 1_000 - busyMs);
    if (stalledMs > STALL_MS)
      say({ type: 'runtime', event: { type: `stalled for ${stalledMs} ms, busy for ${ownMs} of them` } });
    [last, busyMs] = [performance.now(), (user + system) / 1_000];
  }, WATCH_MS).unref();
}

let previous = Promise.resolve();
watchForStalls();
const commands = createInterface({ input: process.stdin });
commands.on('line', (line) => {
  previous = previous
    .then(() => obey(JSON.parse(line) as WorkerCommand))
    .catch((error: unknown) =>
      say({
        type: 'failed',
        reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    );
});
commands.on('close', () => process.exit());
say({ type: 'ready' });
