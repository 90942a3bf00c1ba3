import { parseArgs } from 'node:util';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import type { RuntimeEvent } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import type { WorkerMessage } from './worker-message.ts';
import { kafkaBenchTopology } from './topology.ts';

/**
 * A process of its own: runs the topology until standard input ends. Says on standard output, one JSON object a line,
 * when it has joined, when the first record was processed, and at the end how often it committed.
 */
const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: '' },
    applicationId: { type: 'string', default: '' },
    input: { type: 'string', default: '' },
    output: { type: 'string', default: '' },
    state: { type: 'string', default: 'memory' },
    stateDirectory: { type: 'string', default: '' },
    recovery: { type: 'string', default: 'changelog' },
  },
});

function say(message: WorkerMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

let started = false;
function onRecord(): void {
  if (started) return;
  started = true;
  say({ type: 'first-record', atMs: Date.now() });
}

let commits = 0;
let committingMs = 0;
function onEvent(event: RuntimeEvent): void {
  if (event.type === 'joined') say({ type: 'joined', atMs: Date.now() });
  else if (event.type === 'committed') {
    commits++;
    committingMs += event.durationMs;
  } else if (event.type === 'retrying' || event.type === 'failed' || event.type === 'task-lost') {
    process.stderr.write(`${JSON.stringify(event)}\n`);
  }
}

const cluster = connectKafka({ brokers: values.brokers.split(','), clientId: values.applicationId });
const runtime = new KafkaRuntime({
  topology: kafkaBenchTopology({
    input: values.input,
    output: values.output,
    value: createSerdes(new EmbeddedRegistry()).incidentEvent,
    recovery: values.recovery === 'input' ? 'input' : 'changelog',
    onRecord,
  }),
  cluster,
  applicationId: values.applicationId,
  commitIntervalMs: 100,
  onEvent,
  ...(values.state === 'lmdb' ? { stateDirectory: values.stateDirectory } : {}),
});
await runtime.start();
process.stdin.resume();
process.stdin.once('end', () => {
  say({ type: 'commits', commits, meanCommitMs: commits === 0 ? 0 : committingMs / commits });
  void runtime.close().then(() => cluster.close());
});
