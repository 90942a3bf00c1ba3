import type { SinkSource } from '@incident-streams/streams';
import { Redis } from 'ioredis';
import { createRedisTransitionsSink } from '../../../../connectors/redis/index.ts';
import type { IncidentTransition } from '../../../../schemas/generated/IncidentTransition.ts';
import { listenForAlerts } from '../../../redis/alert-listener.ts';
import { snapshotOf } from '../../../redis/snapshot.ts';
import { statesAfter } from '../../../redis/state-snapshot.ts';
import { TOPIC, recordsOf } from '../../../redis/transitions.ts';
import type { Step } from '../../../redis/transitions.ts';
import { uniqueName } from '../../../services/describe-with.ts';
import { startGate } from '../gate.ts';
import type { SinkHarness } from '../sink-harness.ts';

/** Incidents that come, go and come back, of two services. */
const STEPS: readonly Step[] = [
  { incident: 'a', type: 'OPENED' },
  { incident: 'b', type: 'OPENED', severity: 'CRITICAL' },
  { incident: 'a', type: 'ACKNOWLEDGED' },
  { incident: 'c', type: 'DETECTED', service: 'search' },
  { incident: 'b', type: 'RESOLVED' },
  { incident: 'b', type: 'CLOSED' },
  { incident: 'd', type: 'OPENED', service: 'search' },
  { incident: 'a', type: 'RESOLVED' },
  { incident: 'a', type: 'REOPENED' },
  { incident: 'e', type: 'OPENED', service: 'search', severity: 'CRITICAL' },
  { incident: 'd', type: 'RESOLVED' },
  { incident: 'd', type: 'CLOSED' },
  { incident: 'f', type: 'OPENED' },
];
const RECORDS = recordsOf(STEPS);

/** Marks, counters and streams are not in a table, so a snapshot does not bring them back. */
const NOT_STATE = /(applied|counters|alerts|meta)$/;

/** The sink of transitions, under a prefix of its own on the server at `url`. */
export function redisHarness(url: string): SinkHarness<string, IncidentTransition> {
  return {
    topic: TOPIC,
    marks: true,
    can: { tell: true, goAway: true, crash: false, lose: true },
    record(n) {
      const { key, value } = RECORDS[n] ?? {};
      if (key === undefined || value === undefined || value === null)
        throw new Error(`there is no record ${n}`);
      return { key, value };
    },
    snapshotAfter: (count) =>
      Array.from(statesAfter(RECORDS.slice(0, count)), ([key, value]) => ({ key, value })),
    async start() {
      const prefix = `${uniqueName('contract')}:`;
      const { hostname, port } = new URL(url);
      const gate = await startGate({ host: hostname, port: Number(port) });
      const client = new Redis(url);
      const listener = await listenForAlerts(url, prefix);
      const content = async ({ topicEpoch }: SinkSource): Promise<Record<string, unknown>> =>
        ofEpoch(await snapshotOf(client, prefix), topicEpoch);
      return {
        connector: ({ impatient }) =>
          createRedisTransitionsSink({
            url: `redis://${gate.host}:${gate.port}`,
            prefix,
            timeoutMs: impatient ? 500 : 30_000,
          }),
        content,
        async state(source) {
          const held = Object.entries(await content(source));
          return Object.fromEntries(held.filter(([key]) => !NOT_STATE.test(key)));
        },
        async told() {
          await listener.settle();
          return listener.heard;
        },
        goAway: (how) => gate.shut(how),
        comeBack: () => gate.open(),
        async lose() {
          const keys = await client.keys(`${prefix}*`);
          if (keys.length > 0) await client.del(...keys);
        },
        async [Symbol.asyncDispose]() {
          await gate[Symbol.asyncDispose]();
          listener.close();
          client.disconnect();
        },
      };
    },
  };
}

/** The streams of alerts go on from one topic to the next; the ids tell the entries apart. */
function ofEpoch(held: Record<string, unknown>, topicEpoch: number): Record<string, unknown> {
  const isOfEpoch = (entry: unknown): boolean => String((entry as unknown[])[0]).startsWith(`${topicEpoch}-`);
  return Object.fromEntries(
    Object.entries(held).map(([key, value]) => [
      key,
      key.endsWith(':alerts') ? (value as unknown[]).filter(isOfEpoch) : value,
    ]),
  );
}
