import { expect, test } from 'vitest';
import { NO_HEADERS } from '@incident-streams/streams';
import type { LogRecord } from '@incident-streams/streams';
import { TopologyTestDriver } from '@incident-streams/streams/test-driver';
import { EmbeddedRegistry } from '../../../schemas/embedded-registry.ts';
import type { EventVerdict } from '../../../schemas/generated/EventVerdict.ts';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import { createSerdes } from '../../../schemas/serdes.ts';
import { correlationKeyOf } from '../../../topology/correlation.ts';
import { incidentTopology } from '../../../topology/incident-topology.ts';
import { LEDGER } from '../../../topology/ledger.ts';
import { TOPICS } from '../../../topology/topics.ts';
import { HOUR_MS, MINUTE_MS, T0, event, ruleSet } from '../fixtures.ts';

const serdes = createSerdes(new EmbeddedRegistry());
const PARTITIONS = 2;

interface Sent {
  readonly event: IncidentEvent | null;
  readonly key?: string;
  readonly receivedAt?: number;
}

function run(sent: readonly Sent[]) {
  const driver = new TopologyTestDriver(incidentTopology(ruleSet(), serdes).topology, {
    partitions: PARTITIONS,
  });
  for (const { event, key, receivedAt = T0 + HOUR_MS } of sent) {
    driver.pipeBytes({
      topic: TOPICS.inbox,
      timestamp: receivedAt,
      key: Buffer.from(key ?? (event === null ? 'shop/checkout' : correlationKeyOf(event))),
      value: event === null ? null : serdes.incidentEvent.serialize(event),
      headers: NO_HEADERS,
    });
  }
  const records = driver.bytesOf(TOPICS.verdicts);
  return {
    records,
    verdicts: records.map(({ value }) => serdes.eventVerdict.deserialize(value ?? new Uint8Array())),
    deadLetters: driver.bytesOf(TOPICS.deadLetters),
    ledger: (name: keyof typeof LEDGER) =>
      Object.values(driver.counters()).reduce((sum, counted) => sum + (counted[LEDGER[name]] ?? 0), 0),
  };
}

function reasonOf(letter: LogRecord | undefined): string {
  const header = letter?.headers.find(({ name }) => name === '__streams.errors.message');
  return Buffer.from(header?.value ?? '').toString('utf8');
}

const first = event({ id: 'first', time: T0 + HOUR_MS });
const late = event({ id: 'late', time: T0 + HOUR_MS - MINUTE_MS - 1 });
const nameless = event({ id: '', time: T0 + HOUR_MS });
const tomorrow = event({ id: 'tomorrow', time: T0 + 25 * HOUR_MS });

test('every event has one verdict, with its reason, its receipt and its place in the inbox', () => {
  const { verdicts, records } = run([
    { event: first },
    { event: first, receivedAt: T0 + HOUR_MS + 5 },
    { event: late },
    { event: nameless },
    { event: tomorrow },
  ]);
  const [{ partition = -1 } = {}] = records;
  const place = { receivedAt: T0 + HOUR_MS, inboxPartition: partition };
  const expected: EventVerdict[] = [
    { ...place, outcome: 'APPLIED', reason: null, inboxOffset: 0, event: first },
    {
      ...place,
      outcome: 'DUPLICATE',
      reason: "id 'first' of source 'probe' was seen before",
      receivedAt: T0 + HOUR_MS + 5,
      inboxOffset: 1,
      event: first,
    },
    {
      ...place,
      outcome: 'LATE',
      reason:
        'time 2024-01-01T00:58:59.999Z lies 1 min behind stream time 2024-01-01T01:00:00.000Z, at most 1 min are accepted',
      inboxOffset: 2,
      event: late,
    },
    { ...place, outcome: 'REJECTED', reason: 'id is empty', inboxOffset: 3, event: nameless },
    {
      ...place,
      outcome: 'REJECTED',
      reason:
        'time 2024-01-02T01:00:00.000Z lies 1 d beyond its receipt at 2024-01-01T01:00:00.000Z, at most 1 min are accepted',
      inboxOffset: 4,
      event: tomorrow,
    },
  ];
  expect(verdicts).toEqual(expected);
});

test('verdicts carry the correlation key and the time of the event, or of its receipt where that is not believed', () => {
  const { records } = run([{ event: first }, { event: tomorrow }]);
  expect(records.map(({ key, timestamp }) => [Buffer.from(key ?? '').toString(), timestamp])).toEqual([
    ['shop/checkout', first.time],
    ['shop/checkout', T0 + HOUR_MS],
  ]);
});

test('an event under a wrong key is rejected under the right one, and the reason stays short', () => {
  const { verdicts, records, deadLetters } = run([
    { event: first, key: 'shop/cart' },
    { event: event({ service: 's'.repeat(60_000) }), key: 'k'.repeat(60_000) },
  ]);
  expect(verdicts[0]).toMatchObject({
    outcome: 'REJECTED',
    reason:
      "the record's key is 'shop/cart', but the event's service, component and fingerprint say 'shop/checkout'",
  });
  expect(Buffer.from(records[0]?.key ?? '').toString()).toBe('shop/checkout');
  expect(deadLetters).toHaveLength(2);
  for (const { reason } of verdicts) expect(reason?.length).toBeLessThan(1_000);
  expect(verdicts[1]?.outcome).toBe('REJECTED');
});

test.each([TOPICS.events, TOPICS.inbox])(
  'what is no UTF-8 would be three times as long in its verdict: it is a dead letter, and %s goes on',
  (topic) => {
    const driver = new TopologyTestDriver(incidentTopology(ruleSet(), serdes).topology, { partitions: 1 });
    const pipe = (value: Uint8Array): void =>
      driver.pipeBytes({
        topic,
        timestamp: T0 + HOUR_MS,
        key: Buffer.from('shop/checkout'),
        value,
        headers: NO_HEADERS,
      });
    const long = serdes.incidentEvent.serialize({ ...first, id: 'long', summary: '~'.repeat(60_000) });
    const broken = long.map((byte) => (byte === 0x7e ? 0xff : byte));
    pipe(broken);
    pipe(serdes.incidentEvent.serialize(first));
    expect(driver.bytesOf(TOPICS.verdicts)).toHaveLength(1);
    const letters = driver.bytesOf(TOPICS.deadLetters);
    expect(letters.map(reasonOf)).toEqual([expect.stringContaining('IncidentEvent.summary')]);
    expect(Buffer.compare(letters[0]?.value ?? new Uint8Array(), broken)).toBe(0);
  },
);

test('rejected events are among the dead letters too, a record without a value only there', () => {
  const { verdicts, deadLetters, ledger } = run([{ event: null }, { event: nameless }, { event: first }]);
  expect(deadLetters.map(reasonOf)).toEqual([
    'the record has no value: events happen, they are not deleted',
    'id is empty',
  ]);
  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['REJECTED', 'APPLIED']);
  expect([ledger('received'), ledger('rejected'), ledger('applied')]).toEqual([3, 2, 1]);
});

test('there are as many verdicts of each outcome as the ledger counts', () => {
  const others = Array.from({ length: 40 }, (_, n) =>
    event({ id: `n${n % 30}`, component: n % 2 === 0 ? 'cart' : 'checkout', time: T0 + n * 20_000 }),
  );
  const { verdicts, ledger } = run(
    [...others, event({ id: 'behind', time: T0 }), nameless, ...others].map((one) => ({
      event: one,
      receivedAt: T0 + 2 * HOUR_MS,
    })),
  );
  const count = (outcome: EventVerdict['outcome']) =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  expect(verdicts).toHaveLength(ledger('received'));
  expect({
    applied: count('APPLIED'),
    duplicate: count('DUPLICATE'),
    late: count('LATE'),
    rejected: count('REJECTED'),
  }).toEqual({
    applied: ledger('applied'),
    duplicate: ledger('duplicate'),
    late: ledger('late'),
    rejected: ledger('rejected'),
  });
  expect(count('DUPLICATE')).toBeGreaterThan(40);
  expect(count('LATE')).toBeGreaterThan(0);
});
