import { beforeAll, expect, test } from 'vitest';
import { NO_HEADERS } from '@incident-streams/streams';
import type { LogRecord, OutgoingRecord } from '@incident-streams/streams';
import { TopologyTestDriver } from '@incident-streams/streams/test-driver';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { openPipeline, tickRecords } from '../../cli/pipeline/pipeline.ts';
import type { Pipeline } from '../../cli/pipeline/pipeline.ts';
import { arrivalsOf } from '../../replay/arrival-sequence.ts';
import { defaultFaults } from '../../replay/faults/fault-options.ts';
import { loadReplayData } from '../../replay/load/replay-data.ts';
import { createRandom } from '../../replay/random.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import { TOPICS } from '../../topology/topics.ts';
import { differences } from './support/content.ts';
import type { Content } from './support/content.ts';
import { dataDirectory, newDataDirectory, removeDataDirectory } from './support/data-directory.ts';

const SERIES = ['github', 'app1-01', 'ec2_request_latency_system_failure'];
/** Written by the tasks of all partitions of the inbox. */
const SHARED_TOPICS: ReadonlySet<string> = new Set([TOPICS.windows, TOPICS.deadLetters]);
const ruleSet = loadRules(undefined);
const serdes = createSerdes(new EmbeddedRegistry());
let events: readonly OutgoingRecord[];
let ticks: readonly OutgoingRecord[];
/** What the embedded runtime makes of them, all at once. */
let embedded: Content;

function openIn(directory: string): Pipeline {
  return openPipeline({ directory, ruleSet, sinks: {} });
}

/**
 * Records in the order of each partition. What several tasks write into one partition has an order of its own in every
 * run: of these topics, what they hold.
 */
function contentOf(records: (topic: string) => Iterable<LogRecord>): Content {
  const content = new Map<string, string[]>();
  for (const topic of Object.values(TOPICS)) {
    for (const { partition, offset, timestamp, key, value, headers } of records(topic)) {
      const texts = headers.map((header) => `${header.name}: ${Buffer.from(header.value).toString('utf8')}`);
      const place = SHARED_TOPICS.has(topic) ? null : offset;
      const line = JSON.stringify([place, timestamp, base64(key), base64(value), texts]);
      const section = content.get(`${topic}[${partition}]`) ?? [];
      content.set(`${topic}[${partition}]`, section);
      section.push(line);
    }
  }
  for (const [section, lines] of content) if (SHARED_TOPICS.has(section.slice(0, -3))) lines.sort();
  return content;
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('base64');
}

function embeddedContent({ runtime }: Pipeline): Content {
  return contentOf((topic) =>
    Array.from({ length: runtime.partitionsOf(topic) }, (_, partition) => partition).flatMap((partition) => [
      ...runtime.records(topic, partition),
    ]),
  );
}

beforeAll(async () => {
  const { graceMs, dedupeWithinMs, maxAheadMs } = ruleSet.limits;
  const arrivals = arrivalsOf(
    loadReplayData(),
    { ...defaultFaults, graceMs, dedupeWithinMs, maxAheadMs, only: SERIES },
    (event) => serdes.incidentEvent.serialize(event),
  );
  events = Array.from(arrivals.from(0), ({ bytes, receivedAt }) => {
    return { topic: TOPICS.events, timestamp: receivedAt, key: null, value: bytes, headers: NO_HEADERS };
  });
  const endMs = (arrivals.span?.lastAt ?? 0) + 3_600_000;
  const directory = newDataDirectory();
  const pipeline = openIn(directory);
  ticks = tickRecords(pipeline, endMs, 'end');
  pipeline.runtime.start();
  pipeline.runtime.produce(events);
  await pipeline.runtime.whenProcessed();
  pipeline.runtime.produce(ticks);
  await pipeline.runtime.whenProcessed();
  embedded = embeddedContent(pipeline);
  await pipeline.runtime.close();
  removeDataDirectory(directory);
});

test('the embedded runtime and the test driver, which takes one record at a time, write the same records', () => {
  const driver = new TopologyTestDriver(incidentTopology(ruleSet, serdes).topology, { partitions: 4 });
  for (const record of [...events, ...ticks]) driver.pipeBytes(record);
  expect(embedded.get(`${TOPICS.transitions}[0]`)?.length).toBeGreaterThan(100);
  expect(
    differences(
      embedded,
      contentOf((topic) => driver.bytesOf(topic)),
    ),
  ).toEqual([]);
});

test('so does the embedded runtime in pieces of any size, with a restart now and then', async () => {
  const directory = dataDirectory();
  const random = createRandom(7);
  let pipeline = openIn(directory);
  pipeline.runtime.start();
  for (let at = 0; at < events.length;) {
    const size = 1 + Math.floor(random() ** 3 * 1_500);
    pipeline.runtime.produce(events.slice(at, at + size));
    at += size;
    if (random() < 0.3) await pipeline.runtime.whenProcessed();
    if (random() < 0.1) {
      await pipeline.runtime.close();
      pipeline = openIn(directory);
      pipeline.runtime.start();
    }
  }
  await pipeline.runtime.whenProcessed();
  pipeline.runtime.produce(ticks);
  await pipeline.runtime.whenProcessed();
  const content = embeddedContent(pipeline);
  await pipeline.runtime.close();
  expect(differences(embedded, content)).toEqual([]);
});
