/*
 * Archives large orders in files of JSON lines, through a sink of one's own. Run it again with the same folder: the
 * archive goes on where it was. Delete the archive before that: it is brought back.
 *
 *   node examples/archive-orders.ts [folder]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_HEADERS, StreamsBuilder, jsonSerde, stringSerde } from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { createJsonlSink } from './jsonl-sink.ts';

interface Order {
  amount: number;
}

const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'orders-'));
const orders = { key: stringSerde, value: jsonSerde<Order>() };

const builder = new StreamsBuilder();
builder
  .stream('orders', orders)
  .filter((_id, { amount }) => amount >= 100)
  .to('large-orders', orders)
  .toSink('archive');

const runtime = EmbeddedRuntime.open({
  topology: builder.build(),
  directory: join(directory, 'data'),
  partitions: 1,
  sinks: { archive: createJsonlSink<Order>(join(directory, 'archive')) },
});
runtime.start();

runtime.produce(
  [40, 120, 99, 300].map((amount, n) => ({
    topic: 'orders',
    timestamp: Date.UTC(2026, 0, 1, 12, n),
    key: stringSerde.serialize(`order-${n}`),
    value: orders.value.serialize({ amount }),
    headers: NO_HEADERS,
  })),
);
await runtime.whenProcessed();
await runtime.whenSinksCaughtUp();
for (const { connector, lag } of runtime.sinkStatus())
  process.stdout.write(`${connector}: ${lag} behind, see ${join(directory, 'archive')}\n`);
await runtime.close();
