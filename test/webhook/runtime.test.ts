import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StreamsBuilder, jsonSerde, stringSerde } from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { createWebhookSink } from '../../connectors/webhook/index.ts';
import type { WebhookSinkOptions } from '../../connectors/webhook/index.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { startReceiver, statuses } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { SECRET, TOPIC, opened } from './sink-under-test.ts';

const POLL = { timeout: 50_000, interval: 20 };
const transitions = { key: stringSerde, value: jsonSerde<IncidentTransition>() };
const RECORDS = opened(12);

/** A topology that hands transitions on to two targets. */
function open(
  directory: string,
  targets: Readonly<Record<string, Partial<WebhookSinkOptions>>>,
): EmbeddedRuntime {
  const builder = new StreamsBuilder({ deadLetterTopic: 'dead' });
  const told = builder.stream('in', transitions).to(TOPIC, transitions);
  for (const name of Object.keys(targets)) told.toSink(name);
  const sinks = Object.entries(targets).map(([name, options]) => {
    const common = {
      name,
      url: '',
      secrets: [SECRET],
      allowedNetworks: ['127.0.0.1/32'],
      allowPlainHttp: true,
    };
    return [name, createWebhookSink({ ...common, firstBackoffMs: 1, ...options })] as const;
  });
  return EmbeddedRuntime.open({
    topology: builder.build(),
    directory,
    partitions: 1,
    sinks: Object.fromEntries(sinks),
  });
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-runtime-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function produce(runtime: EmbeddedRuntime): void {
  runtime.start();
  runtime.produce(
    RECORDS.map(({ key, value, timestamp }) => ({
      topic: 'in',
      key: stringSerde.serialize(key),
      value: value === null ? null : transitions.value.serialize(value),
      timestamp,
      headers: [],
    })),
  );
}

const idsOf = ({ requests }: Receiver): string[] => requests.map(({ alert }) => alert.incidentId);
const IDS = RECORDS.map(({ value }) => value?.incidentId ?? '');

test('what a target refuses is a dead letter, with the record as it was and the reason; the rest arrives', async () => {
  const receiver = await startReceiver((response, { alert }) =>
    response.writeHead(alert.incidentId === 'incident-5' ? 422 : 204).end(),
  );
  const runtime = open(await temporaryFolder(), { pager: { url: receiver.url } });
  try {
    produce(runtime);
    await expect.poll(() => idsOf(receiver).length, POLL).toBe(IDS.length);
    await expect.poll(() => [...runtime.records('dead', 0)].length, POLL).toBe(1);
    const [letter] = [...runtime.records('dead', 0)];
    const headers = Object.fromEntries(
      (letter?.headers ?? []).map(({ name, value }) => [name, Buffer.from(value ?? []).toString()]),
    );
    expect(stringSerde.deserialize(letter?.key ?? new Uint8Array())).toBe(RECORDS[5]?.key);
    expect(transitions.value.deserialize(letter?.value ?? new Uint8Array())).toEqual(RECORDS[5]?.value);
    expect(headers).toMatchObject({
      '__streams.errors.exception': 'WEBHOOK_GIVEN_UP',
      '__streams.errors.topic': TOPIC,
      '__streams.errors.offset': '5',
    });
    expect(headers['__streams.errors.message']).toMatch(
      /webhook pager: alert incident-5\/1 .* it answered 422/,
    );
  } finally {
    await runtime.close();
  }
});

test('a target that is down holds up neither the other one nor the topology, and gets all of it later', async () => {
  let isDown = true;
  const [up, down] = [
    await startReceiver(),
    await startReceiver((response) => response.writeHead(isDown ? 503 : 204).end()),
  ];
  const directory = await temporaryFolder();
  const targets = {
    up: { url: up.url },
    down: { url: down.url, maxAttempts: 1_000_000, maxBackoffMs: 10 },
  };
  const runtime = open(directory, targets);
  try {
    produce(runtime);
    await expect.poll(() => idsOf(up), POLL).toEqual(IDS);
    await expect.poll(() => down.requests.length, POLL).toBeGreaterThan(2);
    expect(new Set(idsOf(down))).toEqual(new Set(['incident-0']));
    const failing = runtime.sinkStatus().find(({ connector }) => connector === 'down');
    expect(failing).toMatchObject({ lag: IDS.length });
    expect(failing?.failure).toContain('it answered 503');
    isDown = false;
    await expect.poll(() => [...new Set(idsOf(down))], POLL).toEqual(IDS);
  } finally {
    await runtime.close();
  }
});

test('after the process has ended in the middle of a batch, its alerts are sent again under the same ids', async () => {
  const receiver = await startReceiver(statuses(204, 204, 204, ...Array.from({ length: 1_000 }, () => 503)));
  const after = await startReceiver();
  const directory = await temporaryFolder();
  const first = open(directory, { pager: { url: receiver.url, maxAttempts: 1_000_000 } });
  produce(first);
  await expect.poll(() => receiver.requests.length, POLL).toBeGreaterThan(3);
  await first.close();
  const second = open(directory, { pager: { url: after.url } });
  try {
    second.start();
    await expect.poll(() => idsOf(after), POLL).toEqual(IDS);
    const idOf = ({ headers }: Receiver['requests'][number]): unknown => headers['webhook-id'];
    expect(after.requests.slice(0, 4).map(idOf)).toEqual(receiver.requests.slice(0, 4).map(idOf));
  } finally {
    await second.close();
  }
});
