import { partitionForKey } from '@incident-streams/streams';
import { expect, onTestFinished, test } from 'vitest';
import { schemaSubjects } from '../../cli/run/schema-subjects.ts';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import type { Serdes } from '../../schemas/serdes.ts';
import { problem } from '../run/support/upstream.ts';
import { describeWith } from '../services/describe-with.ts';
import { KafkaByHand, textOf } from './kafka-by-hand.ts';
import { sendSomeOfEverything, startSmallPipeline, stopWithNothingLeft } from './small-pipeline.ts';
import { verify } from './verify-process.ts';

const PATIENCE_MS = 400_000;

await describeWith(
  ['kafka', 'schemaRegistry', 'redis', 'clickhouse'],
  'incidents verify of topics',
  (urls) => {
    test(
      'names the key of a state that is wrong, of a transition too many, of one that is missing, and the event without verdict',
      { timeout: PATIENCE_MS },
      async () => {
        const pipeline = await startSmallPipeline(urls);
        await sendSomeOfEverything(pipeline);
        await stopWithNothingLeft(pipeline);
        const { environment, prefix } = pipeline;
        const kafka = new KafkaByHand(urls.kafka);
        const only = (checks: string) =>
          verify(environment, ['--only', checks, '--max-keys', '100', '--timeout', '20']);

        // A state that no transition has led to: that of another key.
        const stateTopic = `${prefix}incident.state`;
        const right = await kafka.lastRecord(stateTopic, ({ value }) => value !== null);
        const other = await kafka.lastRecord(
          stateTopic,
          ({ key, partition, value }) =>
            value !== null && partition === right.partition && textOf(key) !== textOf(right.key),
        );
        await kafka.append(right, { ...right, value: other.value });
        const state = await only('state,stores');
        expect(state.exitCode).toBe(1);
        expect(state.of('state').differences).toMatchObject([
          { at: `${stateTopic}[${right.partition}] ${textOf(right.key)}` },
        ]);
        expect(state.of('stores').differences).toMatchObject([
          { at: expect.stringContaining(textOf(right.key)) as string },
        ]);
        await kafka.append(right, right);
        expect((await only('state,stores')).exitCode).toBe(0);

        // A transition that is there twice.
        const transition = await kafka.lastRecord(`${prefix}incident.transitions`);
        await kafka.append(transition, transition);
        const extra = await only('transitions');
        expect(extra.exitCode).toBe(1);
        expect(extra.of('transitions').differences).toMatchObject([
          { at: expect.stringContaining(textOf(transition.key)) as string, expected: '(nothing)' },
        ]);

        // Events that the pipeline believes to have processed.
        const key = 'shop/nobody-looked';
        const inbox = { topic: `${prefix}incident.inbox`, partition: partitionForKey(Buffer.from(key), 2) };
        const serdes = await serdesOf(urls.schemaRegistry, prefix);
        const event = problem({ id: 'nobody looked', component: 'nobody-looked', severity: 'CRITICAL' });
        const value = serdes.inboxEntry.serialize({ type: 'event', event });
        await kafka.append(inbox, { key: Buffer.from(key), value, timestamp: event.time });
        const bytes = { key: Buffer.from('unreadable'), value: Buffer.from('no event') };
        await kafka.append(inbox, { ...bytes, timestamp: event.time });
        await kafka.skipToEnd(environment['INCIDENTS_APPLICATION_ID'] ?? '', inbox);
        const missing = await only('transitions,ledger');
        expect(missing.exitCode).toBe(1);
        expect(missing.of('ledger').differences).toMatchObject([
          { at: expect.stringContaining(key) as string, expected: 'a verdict', found: '(nothing)' },
          {
            at: expect.stringContaining('unreadable') as string,
            expected: 'a dead letter',
            found: '(nothing)',
          },
        ]);
        // The time of the event may have closed windows of others as well.
        const nowhere = missing
          .of('transitions')
          .differences.filter(({ at, found }) => found === '(nothing)' && at.includes(key));
        expect(nowhere).toMatchObject([
          {
            at: expect.stringContaining(key) as string,
            expected: expect.stringContaining('DETECTED') as string,
          },
          {
            at: expect.stringContaining(key) as string,
            expected: expect.stringContaining('OPENED') as string,
          },
        ]);
      },
    );
  },
);

async function serdesOf(url: string, prefix: string): Promise<Serdes> {
  const registry = await openConfluentRegistry({ url, subjects: schemaSubjects(prefix), register: false });
  onTestFinished(() => registry.close());
  return createSerdes(registry);
}
