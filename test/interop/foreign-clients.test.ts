import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { LEDGER } from '../../topology/ledger.ts';
import { TOPICS } from '../../topology/topics.ts';
import { BrokerView } from '../faults/broker-view.ts';
import { committedRecords } from '../faults/committed-records.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { temporaryDirectory } from '../streams/temporary-directory.ts';
import { FOREIGN_PRODUCERS } from './foreign-producers.ts';
import { startIncidentPipeline } from './incident-pipeline.ts';
import type { PipelineUnderTest } from './incident-pipeline.ts';
import { STATE_READERS } from './state-readers.ts';

const EVENTS = 12;
/** The first time includes downloads. */
const LIMIT = { timeout: 300_000 };

function eventOf(number: number): IncidentEvent {
  return {
    id: `event-${number}`,
    source: '/interop',
    type: 'com.example.probe.failed',
    time: Date.now() - 1_000,
    service: `shop-${number}`,
    component: 'checkout – café',
    fingerprint: number % 2 === 0 ? null : `stack-${number}`,
    kind: 'PROBLEM',
    severity: 'CRITICAL',
    summary: 'does not answer',
    value: number % 3 === 0 ? 1.5 : null,
    attributes: { region: 'eu', 'with "quotes"': 'and ü' },
  };
}

/** Skips the test with the reason where a client cannot be had; where CI=true that is a failure. */
async function need({ skip }: TestContext, prepare: () => Promise<unknown>): Promise<void> {
  try {
    await prepare();
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    skip((error as Error).message);
  }
}

await describeWith(['kafka', 'schemaRegistry'], 'clients of other makers', ({ kafka, schemaRegistry }) => {
  const name = uniqueName('interop');
  const events = Array.from({ length: EVENTS }, (_, number) => eventOf(number));
  const view = new BrokerView(kafka.split(','));
  let pipeline: PipelineUnderTest;
  const folder = temporaryDirectory();

  beforeAll(async () => {
    pipeline = await startIncidentPipeline({ brokers: kafka, registry: schemaRegistry, name });
  });

  afterAll(async () => {
    await pipeline.close();
    await view.close();
    folder[Symbol.dispose]();
  });

  it.for(FOREIGN_PRODUCERS)(
    'an event by $name counts once, whoever has sent it before',
    LIMIT,
    async ({ prepare, produce }, context) => {
      await need(context, prepare);
      const before = await pipeline.counted();
      const received = before[LEDGER.received] ?? 0;
      const topic = pipeline.topicOf(TOPICS.events);
      await produce(events, { brokers: kafka, registry: schemaRegistry, topic, folder: folder.path });
      const counted = await pipeline.counted();
      expect(counted[LEDGER.received]).toBe(received + EVENTS);
      expect(counted[LEDGER.applied]).toBe(EVENTS);
      expect(counted[LEDGER.duplicate] ?? 0).toBe(received);
      expect(counted['dead-letter'] ?? 0).toBe(0);
    },
  );

  it('has met producers that put the same key into different partitions', async () => {
    const places = Map.groupBy(await committedRecords(view, pipeline.topicOf(TOPICS.events)), ({ key }) =>
      String(key),
    );
    const differing = [...places.values()].filter(
      (records) => new Set(records.map(({ partition }) => partition)).size > 1,
    );
    expect(places.size).toBe(EVENTS);
    expect(differing.length).toBeGreaterThan(0);
  });

  it.for(STATE_READERS)('reads the incidents by $name', LIMIT, async ({ prepare, read }, context) => {
    await need(context, prepare);
    const table = await read({
      brokers: kafka,
      topic: pipeline.topicOf(TOPICS.state),
      group: uniqueName('reader'),
    });
    const registry = new SchemaRegistry({ host: schemaRegistry });
    const states = new Map<string, Pick<IncidentState, 'status' | 'problemCount' | 'component'>>();
    for (const [key, value] of table) {
      const state = (await registry.decode(Buffer.from(value, 'base64'))) as IncidentState;
      const { status, problemCount, component } = state;
      states.set(key, { status, problemCount, component });
    }
    const expected = events.map(({ service, component, fingerprint }) => [
      [service, component, ...(fingerprint === null ? [] : [fingerprint])].join('/'),
      { status: 'OPEN', problemCount: 1, component },
    ]);
    expect(states).toEqual(new Map(expected as [string, never][]));
  });
});
