import { createAvroSerde } from '../schemas/avro-serde.ts';
import { avroType } from '../schemas/avro-type.ts';
import { compileClaimGuard } from '../schemas/claim-guard/claim-guard.ts';
import { EmbeddedRegistry } from '../schemas/embedded-registry.ts';
import { SCHEMAS } from '../schemas/generated/catalog.ts';
import type { IncidentEvent } from '../schemas/generated/IncidentEvent.ts';
import { createInboxEntrySerde } from '../schemas/inbox-entry.ts';
import { WIRE_HEADER_BYTES } from '../schemas/wire-format.ts';

const EVENTS = 1_000;
const ROUND_MS = 400;
const ROUNDS = 3;

/**
 * How many values a second one thread reads and writes, as `<what>PerSecond`: the best of three rounds each.
 * Does not measure what a broker or a store adds, nor events with many or long attributes: an event here has two
 * short ones and takes about 200 bytes.
 */
export function benchSchemas(): Promise<Record<string, number>> {
  const registry = new EmbeddedRegistry();
  const events = createAvroSerde('IncidentEvent', { registry });
  const inbox = createInboxEntrySerde({ registry });
  const ticks = createAvroSerde('Tick', { registry });
  const values = Array.from({ length: EVENTS }, (_, i) => event(i));
  const bytes = values.map((value) => Buffer.from(events.serialize(value)));
  const tickBytes = values.map(({ id, time }) => Buffer.from(ticks.serialize({ id, time, reason: 'idle' })));
  const eventGuard = compileClaimGuard(SCHEMAS.IncidentEvent);
  const tickGuard = compileClaimGuard(SCHEMAS.Tick);
  const type = avroType(SCHEMAS.IncidentEvent);

  return Promise.resolve({
    eventBytes: Math.round(bytes.reduce((sum, { length }) => sum + length, 0) / EVENTS),
    guardTickPerSecond: rate((i) => tickGuard(tickBytes[i]!, WIRE_HEADER_BYTES)),
    guardEventPerSecond: rate((i) => eventGuard(bytes[i]!, WIRE_HEADER_BYTES)),
    bareAvscDecodeEventPerSecond: rate((i) => type.decode(bytes[i]!, WIRE_HEADER_BYTES)),
    decodeEventPerSecond: rate((i) => events.deserialize(bytes[i]!)),
    decodeInboxEntryPerSecond: rate((i) => inbox.deserialize(bytes[i]!)),
    bareAvscEncodeEventPerSecond: rate((i) => type.toBuffer(values[i])),
    encodeEventPerSecond: rate((i) => events.serialize(values[i]!)),
    encodeInboxEntryPerSecond: rate((i) => inbox.serialize({ type: 'event', event: values[i]! })),
  });
}

/** Calls of `work` a second, its argument running through the samples. */
function rate(work: (index: number) => unknown): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < ROUND_MS) {
      for (let i = 0; i < EVENTS; i++) work(i);
      calls += EVENTS;
    }
    best = Math.max(best, (calls / (performance.now() - start)) * 1_000);
  }
  return Math.round(best);
}

function event(i: number): IncidentEvent {
  return {
    id: `evt-${1_000_000 + i}`,
    source: 'https://probes.example.com/eu-west-1',
    type: 'com.example.probe.failed',
    time: 1_790_000_000_000 + i * 37,
    service: `service-${i % 50}`,
    component: `component-${i % 100}`,
    fingerprint: null,
    kind: 'PROBLEM',
    severity: 'MAJOR',
    summary: `Probe ${i} was answered with status 503`,
    value: i * 1.25,
    attributes: { region: 'eu-west-1', host: `host-${i % 20}` },
  };
}
