import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LogRecord } from '@incident-streams/streams';
import { KafkaRuntime } from '@incident-streams/streams/kafka';
import type { KafkaCluster } from '@incident-streams/streams/kafka';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { openPipeline, tickRecords } from '../../cli/pipeline/pipeline.ts';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { arrivalsOf } from '../../replay/arrival-sequence.ts';
import { defaultFaults } from '../../replay/faults/fault-options.ts';
import { loadReplayData } from '../../replay/load/replay-data.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import { TOPICS } from '../../topology/topics.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { readAll } from '../streams/kafka/run-on-kafka.ts';
import { temporaryDirectory } from '../streams/temporary-directory.ts';
import { newDataDirectory, removeDataDirectory } from './support/data-directory.ts';
import { eventsJudged, outcomesInLedger, outcomesOf, verdictsIn } from './support/verdicts.ts';

const SERIES = ['github', 'app1-01'];
const PARTITIONS = 4;
/** Written by the tasks of all partitions of the inbox: in each of their partitions the order is another in every run. */
const SHARED_TOPICS: ReadonlySet<string> = new Set([TOPICS.windows, TOPICS.deadLetters]);
const OUTPUTS = [TOPICS.state, TOPICS.transitions, TOPICS.verdicts, TOPICS.windows, TOPICS.deadLetters];
const ruleSet = loadRules(undefined);
const serdes = createSerdes(new EmbeddedRegistry());

interface Run {
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  readonly counted: Readonly<Record<string, number>>;
}

/** What the embedded runtime makes of the replay's inbox, and that inbox. */
async function runEmbedded(): Promise<Run & { readonly inbox: readonly LogRecord[] }> {
  const { graceMs, dedupeWithinMs, maxAheadMs } = ruleSet.limits;
  const arrivals = arrivalsOf(
    loadReplayData(),
    { ...defaultFaults, graceMs, dedupeWithinMs, maxAheadMs, only: SERIES },
    (event) => serdes.incidentEvent.serialize(event),
  );
  const directory = newDataDirectory();
  const pipeline = openPipeline({ directory, ruleSet, sinks: {} });
  const { runtime } = pipeline;
  runtime.start();
  runtime.produce(
    Array.from(arrivals.from(0), ({ bytes, receivedAt }) => {
      return { topic: TOPICS.events, timestamp: receivedAt, key: null, value: bytes, headers: [] };
    }),
  );
  await runtime.whenProcessed();
  runtime.produce(tickRecords(pipeline, (arrivals.span?.lastAt ?? 0) + 3_600_000, 'end'));
  await runtime.whenProcessed();
  const recordsOf = (topic: string): Promise<LogRecord[]> => {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    return Promise.resolve(partitions.flatMap((partition) => [...runtime.records(topic, partition)]));
  };
  const inbox = await recordsOf(TOPICS.inbox);
  const run = { inbox, outputs: await show(recordsOf), counted: inboxCounters(runtime.counters()) };
  await runtime.close();
  removeDataDirectory(directory);
  return run;
}

async function show(recordsOf: (topic: string) => Promise<LogRecord[]>): Promise<Record<string, string[]>> {
  const outputs: Record<string, string[]> = {};
  for (const topic of OUTPUTS) {
    const lines = (await recordsOf(topic)).map(({ partition, timestamp, key, value, headers }) => {
      const texts = headers.map((header) => `${header.name}: ${text(header.value)}`);
      return JSON.stringify([
        partition,
        timestamp,
        text(key),
        value && Buffer.from(value).toString('base64'),
        texts,
      ]);
    });
    const fromInbox = lines.filter((line) => !line.includes(`"__streams.errors.topic: ${TOPICS.events}"`));
    outputs[topic] = SHARED_TOPICS.has(topic) ? fromInbox.sort() : fromInbox;
  }
  return outputs;
}

function text(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString('utf8');
}

/** Over the tasks that read the inbox; those that lead to it have nothing to do here. */
function inboxCounters(...runs: readonly Readonly<Record<string, Readonly<Record<string, number>>>>[]) {
  const sums: Record<string, number> = {};
  for (const [task, counters] of runs.flatMap((run) => Object.entries(run))) {
    if (!task.startsWith('1_')) continue;
    for (const [name, count] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

await describeWith(['kafka'], 'the incident topology on Kafka', ({ kafka }) => {
  let cluster: KafkaCluster;
  let embedded: Awaited<ReturnType<typeof runEmbedded>>;
  beforeAll(async () => {
    cluster = connectKafka({ brokers: kafka.split(','), clientId: 'same-on-kafka' });
    embedded = await runEmbedded();
  }, 60_000);
  afterAll(() => cluster.close());

  it('writes the same records as the embedded runtime from the same inbox, shared by two processes', async () => {
    using directory = temporaryDirectory();
    const applicationId = uniqueName('incidents');
    const topicPrefix = `${applicationId}.`;
    const keepForEver = { partitions: PARTITIONS, configs: { 'retention.ms': '-1' } };
    const open = (name: string): KafkaRuntime =>
      new KafkaRuntime({
        topology: incidentTopology(ruleSet, serdes).topology,
        cluster,
        applicationId,
        topicPrefix,
        stateDirectory: `${directory.path}/${name}`,
        topics: {
          ...Object.fromEntries(Object.values(TOPICS).map((topic) => [topic, keepForEver])),
        },
      });
    const runtimes = [open('one'), open('two')];
    for (const runtime of runtimes) await runtime.start();
    const producer = await cluster.producer();
    for (let at = 0; at < embedded.inbox.length; at += 5_000) {
      const batch = embedded.inbox.slice(at, at + 5_000);
      await producer.send(batch.map((record) => ({ ...record, topic: `${topicPrefix}${record.topic}` })));
    }
    await producer.close();
    // Twice: what is true of the first may have changed while the second was looked at.
    for (const runtime of [...runtimes, ...runtimes]) await runtime.whenProcessed();
    const counted = inboxCounters(...runtimes.map((runtime) => runtime.counters()));
    const recordsOf = async (topic: string): Promise<LogRecord[]> => {
      const records = [];
      for (let partition = 0; partition < PARTITIONS; partition++)
        records.push(...(await readAll(cluster, { topic: `${topicPrefix}${topic}`, partition })));
      return records;
    };
    const outputs = await show(recordsOf);
    const verdicts = verdictsIn(await recordsOf(TOPICS.verdicts));
    const ledger = outcomesInLedger(...runtimes.map((runtime) => runtime.counters()));
    await Promise.all(runtimes.map((runtime) => runtime.close()));

    expect(outputs[TOPICS.transitions]?.length).toBeGreaterThan(100);
    expect(outputs).toEqual(embedded.outputs);
    expect(counted).toEqual(embedded.counted);
    expect(eventsJudged(verdicts)).toBe(verdicts.length);
    expect(outcomesOf(verdicts)).toEqual(ledger);
  }, 120_000);
});
