import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { kafkaPermissionsOf } from '../../cli/permissions/kafka-permissions.ts';
import type { PermissionRole } from '../../cli/permissions/kafka-permissions.ts';
import { loadRules } from '../../cli/demo/demo-options.ts';
import { createRedisIncidentReader } from '../../connectors/redis/index.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import { TOPICS } from '../../topology/topics.ts';
import { ApiClient } from '../main-job/support/api-client.ts';
import { eventually, rulesFile, startRun } from '../run/support/run-process.ts';
import { Upstream, isolated, problem } from '../run/support/upstream.ts';
import { describeWith } from '../services/describe-with.ts';
import { startAuthorizingBroker } from './authorizing-broker.ts';
import type { AuthorizingBroker } from './authorizing-broker.ts';

const ROLES: readonly PermissionRole[] = ['topology', 'sinks', 'api'];
const { topology } = incidentTopology(loadRules(undefined), createSerdes(new EmbeddedRegistry()));

/** KafkaJS does not say why a group's coordinator is not shown to it. */
const REFUSED = /not authorized|Failed to find group coordinator/i;

let folder: string;
let broker: AuthorizingBroker;

/** `kafka` for Java and Kafka's jars; the broker is its own. */
await describeWith(
  ['kafka', 'schemaRegistry', 'redis', 'clickhouse'],
  'each role under a user that may do only what `incidents permissions` lists',
  (urls) => {
    const { prefix, environment } = isolated(urls);
    const applicationId = environment.INCIDENTS_APPLICATION_ID ?? '';

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'least-privilege-'));
      broker = await startAuthorizingBroker(folder, [...ROLES, 'stranger']);
      for (const role of ROLES) {
        await broker.allow(role, kafkaPermissionsOf(role, { topology, applicationId, topicPrefix: prefix }));
      }
    }, 180_000);

    afterAll(async () => {
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    function start(role: PermissionRole) {
      return startRun({
        ...environment,
        INCIDENTS_ROLE: role,
        INCIDENTS_KAFKA_BROKERS: broker.userUrl,
        INCIDENTS_KAFKA_SASL_MECHANISM: 'PLAIN',
        INCIDENTS_KAFKA_SASL_USERNAME: role,
        INCIDENTS_KAFKA_SASL_PASSWORD: broker.password,
        INCIDENTS_CLICKHOUSE_URL: urls.clickhouse,
        INCIDENTS_CLICKHOUSE_DATABASE: prefix.replaceAll(/\W/g, '_'),
        INCIDENTS_RULES_FILE: rulesFile({ graceMs: 500, windowMs: 1_000 }),
      });
    }

    function clientOf(user: string): Kafka {
      return new Kafka({
        brokers: [broker.userUrl],
        sasl: { mechanism: 'plain', username: user, password: broker.password },
        logLevel: logLevel.NOTHING,
        retry: { retries: 1 },
      });
    }

    async function write(user: string, topic: string): Promise<void> {
      const producer = clientOf(user).producer();
      onTestFinished(() => producer.disconnect());
      await producer.connect();
      await producer.send({ topic: prefix + topic, messages: [{ key: 'k', value: 'v' }] });
    }

    async function read(user: string, topic: string, group: string): Promise<void> {
      const consumer = clientOf(user).consumer({ groupId: group });
      onTestFinished(() => consumer.disconnect());
      await consumer.connect();
      await consumer.subscribe({ topic: prefix + topic });
      await new Promise<void>((resolve, reject) => {
        consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
        consumer.on('consumer.fetch', () => resolve());
        consumer.run({ eachMessage: () => Promise.resolve() }).catch(reject);
      });
    }

    test('does its work', { timeout: 300_000 }, async () => {
      // Topics are created by whoever comes first: each may be the one.
      const running = ROLES.map((role) => [role, start(role)] as const);
      for (const [, run] of running) await run.whenReady();
      const [, , [, api] = []] = running;
      if (api === undefined) throw new Error('the API was not started');
      const upstream = await Upstream.connect({ ...urls, kafka: broker.adminUrl }, prefix);
      await upstream.send([problem({ id: 'one', severity: 'CRITICAL' })]);
      await upstream.sendBytes(Buffer.from('no event'));

      const client = new ApiClient(await api.api());
      await eventually(async () => expect(await client.incidents()).toHaveLength(1));
      const reader = createRedisIncidentReader({ url: urls.redis, prefix });
      onTestFinished(() => reader.close());
      const [incident] = await reader.openIncidents();
      await client.post(`/incidents/${incident?.incidentId}/acknowledge`, { actor: 'ann' });
      await eventually(async () =>
        expect(await reader.openIncidents()).toMatchObject([{ status: 'ACKNOWLEDGED' }]),
      );
      await eventually(async () =>
        expect((await client.timeline(incident?.incidentId ?? '')).map(({ type }) => type)).toContain(
          'ACKNOWLEDGED',
        ),
      );
      await eventually(async () =>
        expect(await client.ledger()).toMatchObject({ received: 2, applied: 1, deadLettered: 1 }),
      );
      for (const [role, run] of running) {
        expect(await run.stop('SIGTERM'), role).toMatchObject({ how: 0 });
        expect(run.stdout(), role).not.toMatch(/AUTHORIZATION_FAILED/i);
      }
    });

    test.each([
      ['sinks', TOPICS.transitions],
      ['sinks', TOPICS.inbox],
      ['api', TOPICS.events],
      ['api', TOPICS.state],
      ['topology', 'somebody-elses'],
      ['stranger', TOPICS.inbox],
    ])('%s may not write to %s', async (user, topic) => {
      await expect(write(user, topic)).rejects.toThrow(REFUSED);
    });

    test.each([
      ['api', TOPICS.inbox, 'any'],
      ['sinks', TOPICS.transitions, applicationId],
      ['sinks', TOPICS.events, `${applicationId}-sink-redis`],
      ['topology', TOPICS.inbox, 'somebody-elses'],
      ['stranger', TOPICS.transitions, 'any'],
    ])('%s may not read %s as the group %s', async (user, topic, group) => {
      await expect(read(user, topic, group)).rejects.toThrow(REFUSED);
    });
  },
);
