import { expect, test } from 'vitest';
import { TOPICS } from '../../topology/topics.ts';
import { runEmbeddedServer } from './embedded-server.ts';
import { flood } from './flood-events.ts';

const RATE = { perSecond: 1_000_000, burst: 1_000_000 };

test(
  'embedded: while processing is behind, events are refused with Retry-After; what was answered 202 is all there',
  { timeout: 240_000 },
  async () => {
    const { api, pipeline } = await runEmbeddedServer({
      maxBacklogRecords: 100,
      isProcessing: false,
      server: { rate: RATE },
    });
    const { runtime, serdes } = pipeline;
    let backlog = 0;
    const { accepted } = await flood(api.url, {
      clients: 8,
      eventsPerPost: 30,
      onRefused: () => {
        backlog = runtime.lag();
        runtime.start();
      },
    });
    // Those that came while there still was room: four posts of 30.
    expect(backlog).toBe(120);

    await runtime.whenProcessed();
    const { size } = accepted;
    expect(await api.ledger()).toMatchObject({ received: size, applied: size, duplicates: 0 });
    for (const [id, { partition, offset }] of accepted) {
      const [record] = runtime.records(TOPICS.inbox, partition, offset);
      expect(serdes.inboxEntry.deserialize(record?.value as Uint8Array)).toMatchObject({ event: { id } });
    }
  },
);
