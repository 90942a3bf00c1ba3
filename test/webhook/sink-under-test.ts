import { onTestFinished } from 'vitest';
import type { SinkBatch, SinkConnector, SinkRecord, SinkSource } from '@incident-streams/streams';
import { WebhookClosedError, createWebhookSink } from '../../connectors/webhook/index.ts';
import type { WebhookEvent, WebhookSinkOptions } from '../../connectors/webhook/index.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { recordsOf } from '../redis/transitions.ts';
import type { Step } from '../redis/transitions.ts';

export const SECRET = `whsec_${Buffer.alloc(32, 'first secret').toString('base64')}`;
export const SECOND_SECRET = `whsec_${Buffer.alloc(24, 'second').toString('base64')}`;
export const TOPIC = 'incident.transitions';

export type TransitionRecord = SinkRecord<string, IncidentTransition>;

export interface DeadLetter {
  readonly partition: number;
  readonly offset: number;
  readonly error: Error;
}

export interface SinkUnderTest {
  readonly sink: SinkConnector<string, IncidentTransition>;
  readonly events: readonly WebhookEvent[];
  readonly deadLetters: readonly DeadLetter[];
  /** As a runtime does: the same batch again until it is acknowledged. Resolves with the failures. */
  readonly writeUntilDone: (batch: SinkBatch<string, IncidentTransition>) => Promise<string[]>;
}

/** A sink that may send to this machine, and waits for hardly anything. */
export async function openSink(
  url: string,
  options: Partial<WebhookSinkOptions> & { readonly deadLetter?: SinkSource['deadLetter'] } = {},
): Promise<SinkUnderTest> {
  const { deadLetter, ...rest } = options;
  const events: WebhookEvent[] = [];
  const deadLetters: DeadLetter[] = [];
  const sink = createWebhookSink({
    name: 'pager',
    url,
    secrets: [SECRET],
    allowedNetworks: ['127.0.0.0/8'],
    allowPlainHttp: true,
    requestsPerSecond: 10_000,
    firstBackoffMs: 1,
    maxBackoffMs: 5,
    onEvent: (event) => events.push(event),
    ...rest,
  });
  onTestFinished(() => sink.close());
  await sink.open({
    topic: TOPIC,
    partitions: 2,
    topicEpoch: 1_700_000_000_000,
    deadLetter:
      deadLetter ??
      (({ partition, offset }, error) => {
        deadLetters.push({ partition, offset, error });
        return Promise.resolve();
      }),
  });
  const writeUntilDone = async (batch: SinkBatch<string, IncidentTransition>): Promise<string[]> => {
    const failures: string[] = [];
    for (;;) {
      try {
        await sink.write(batch);
        return failures;
      } catch (error) {
        // The test has ended.
        if (error instanceof WebhookClosedError) throw error;
        failures.push((error as Error).message);
      }
    }
  };
  return { sink, events, deadLetters, writeUntilDone };
}

/** So many incidents that open, at offsets from 0 on. */
export function opened(count: number, step: Partial<Step> = {}): TransitionRecord[] {
  return recordsOf(
    Array.from({ length: count }, (_, at) => ({ incident: `incident-${at}`, type: 'OPENED', ...step })),
  );
}

export function batchOf(
  records: readonly TransitionRecord[],
  options: { readonly partition?: number; readonly mode?: 'live' | 'restore' } = {},
): SinkBatch<string, IncidentTransition> {
  const { partition = 0, mode = 'live' } = options;
  const firstOffset = records[0]?.offset ?? 0;
  const lastOffset = records.at(-1)?.offset ?? 0;
  return { topic: TOPIC, partition, firstOffset, lastOffset, records, mode };
}
