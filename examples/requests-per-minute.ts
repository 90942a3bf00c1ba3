/*
 * Counts requests per path and minute, each request once, and keeps what it knows in a folder.
 * Run it twice: the second time every request is a duplicate.
 *
 *   node examples/requests-per-minute.ts [folder]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  NO_HEADERS,
  StreamsBuilder,
  jsonSerde,
  stringSerde,
  tumblingWindows,
} from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';

interface Request {
  id: string;
  path: string;
  at: number;
}

const requests = { key: stringSerde, value: jsonSerde<Request>() };
const counts = { key: stringSerde, value: jsonSerde<{ from: number; count: number }>() };

const builder = new StreamsBuilder({ deadLetterTopic: 'dead-letters' });
builder
  .stream('requests', { ...requests, timestamp: ({ value }) => value.at })
  .dedupe({ id: (_key, request) => request.id, withinMs: 3_600_000, name: 'once' })
  .groupBy((_key, request) => request.path, { ...requests, name: 'by-path' })
  .windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 5_000 }), { emit: 'on-window-close' })
  .count()
  .toStream()
  .map((window, count) => [window.key, { from: window.startMs, count }])
  .to('requests-per-minute', counts);

const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'requests-'));
const runtime = EmbeddedRuntime.open({ topology: builder.build(), directory, partitions: 1 });
runtime.start();

const start = Date.UTC(2026, 0, 1, 12);
const seconds = Array.from({ length: 180 }, (_, second) => second);
runtime.produce(
  seconds.map((second) => {
    const request: Request = {
      id: `request-${second}`,
      path: second % 3 === 0 ? '/pay' : '/search',
      at: start + second * 1_000,
    };
    return {
      topic: 'requests',
      timestamp: request.at,
      key: null,
      value: requests.value.serialize(request),
      headers: NO_HEADERS,
    };
  }),
);
await runtime.whenProcessed();

for (const { key, value } of runtime.records('requests-per-minute', 0)) {
  if (key === null || value === null) continue;
  const { from, count } = counts.value.deserialize(value);
  process.stdout.write(`${new Date(from).toISOString()}  ${stringSerde.deserialize(key)}  ${count}\n`);
}
const duplicates = runtime.counters()['0_0']?.['duplicate'] ?? 0;
process.stdout.write(`${duplicates} duplicates\n`);
await runtime.close();
