import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { LOAD } from '../load.ts';
import type { FigureRow, Figures } from '../print-table.ts';
import { fillInput } from './bench-topics.ts';
import { buildPeer } from './build-peer.ts';
import { expectedWindows } from './expected-windows.ts';
import { runVariant } from './run-variant.ts';
import type { Measurement } from './run-variant.ts';
import { mediansOf, ratiosOf } from './summary.ts';
import { VARIANTS } from './variants.ts';
import type { VariantName } from './variants.ts';
import { withBroker } from './with-broker.ts';

export interface KafkaBenchOptions {
  readonly events: number;
  readonly keys: number;
  readonly partitions: number;
  readonly rounds: number;
  readonly variants: readonly VariantName[];
}

/**
 * The same events through our Kafka runtime and through Kafka Streams, on one broker and in turns: de-duplication and
 * a windowed count and sum, exactly once, a commit every 100 ms. Each worker is a process of its own; measured is the
 * time from its first record until the group's committed offsets are the input's end. Every output is compared with
 * what has to come out.
 */
export async function benchKafka(options: KafkaBenchOptions): Promise<Figures> {
  const { events, keys, partitions, rounds } = options;
  const load = { ...LOAD, events, keys, startMs: recentStart() };
  const peer = await buildPeer();
  return withBroker(async (brokers) => {
    const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    const input = { name: `bench-input-${randomUUID().slice(0, 8)}`, partitions };
    try {
      await fillInput(kafka, admin, load, input);
      const setup = { brokers, kafka, admin, peer, input, events, expected: expectedWindows(load) };
      const measured = new Map<VariantName, Measurement[]>();
      for (let round = 1; round <= rounds; round++) {
        for (const name of options.variants) {
          const measurement = await runVariant(VARIANTS[name], setup);
          measured.set(name, [...(measured.get(name) ?? []), measurement]);
          say(`round ${round}, ${name}: ${Math.round(measurement.eventsPerSecond)} events/s`);
        }
      }
      const medians = mediansOf(measured);
      return { ...ratiosOf(medians), variants: rowsOf(medians) };
    } finally {
      await admin.deleteTopics({ topics: [input.name] });
      await admin.disconnect();
    }
  });
}

/**
 * Brokers delete, and forget the producers of, what is older than their retention: so the events are of today. They
 * begin in the middle of a stretch that ids are remembered for, as they would in most applications.
 */
function recentStart(): number {
  return (Math.floor(Date.now() / LOAD.spanMs) - 1.5) * LOAD.spanMs;
}

function rowsOf(medians: ReadonlyMap<VariantName, Measurement>): Readonly<Record<string, FigureRow>> {
  return Object.fromEntries(Array.from(medians, ([name, figures]) => [name, { ...figures }]));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
