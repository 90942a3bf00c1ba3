import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { secretsOf } from '../../../cli/run/config/hide-secrets.ts';
import { loadConfig } from '../../../cli/run/config/load-config.ts';
import { createLog } from '../../../cli/run/log.ts';
import { webhookSinks } from '../../../cli/run/roles/webhook-sinks.ts';
import { EmbeddedRegistry } from '../../../schemas/embedded-registry.ts';
import { createSerdes } from '../../../schemas/serdes.ts';
import { incidentTopology } from '../../../topology/incident-topology.ts';
import { loadRules } from '../../../cli/demo/demo-options.ts';
import { startReceiver, statuses } from '../../webhook/receiver.ts';
import { SECRET, TOPIC, batchOf, opened } from '../../webhook/sink-under-test.ts';

/** The sinks of a configuration, with what they log and count. */
async function run(webhooks: Record<string, unknown>) {
  const environment = {
    KAFKA_BROKERS: 'a:1',
    SCHEMA_REGISTRY_URL: 'http://registry:8081',
    REDIS_URL: 'redis://redis:6379',
    INCIDENTS_WEBHOOKS: JSON.stringify(webhooks),
  };
  const config = loadConfig({ environment });
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: 'debug', secrets: secretsOf(config), destination });
  const metrics = new Registry();
  const sinks = webhookSinks({ config, log, metrics });
  for (const sink of Object.values(sinks)) {
    onTestFinished(() => sink.close());
    const deadLetter = (): Promise<void> => Promise.resolve();
    await sink.open({ topic: TOPIC, partitions: 1, topicEpoch: 1, deadLetter });
  }
  return { sinks, metrics, lines };
}

test('each target of the configuration is a sink of the topology', async () => {
  const target = { url: 'https://hooks.example.com/', secret: SECRET };
  const { sinks } = await run({ pager: target, 'team-chat': target });
  expect(Object.keys(sinks)).toEqual(['webhook-pager', 'webhook-team-chat']);
  const serdes = createSerdes(new EmbeddedRegistry());
  const { topology } = incidentTopology(loadRules(undefined), serdes, { webhooks: ['pager', 'team-chat'] });
  const declared = topology.sinks.filter(({ connector }) => connector.startsWith('webhook-'));
  expect(declared.map(({ connector, topic }) => [connector, topic])).toEqual([
    ['webhook-pager', TOPIC],
    ['webhook-team-chat', TOPIC],
  ]);
});

test('what a target does is counted and logged, without its URL and its secret', async () => {
  const receiver = await startReceiver(statuses(503, 200, 410));
  const { sinks, metrics, lines } = await run({
    pager: { url: receiver.url, secret: SECRET, allowPlainHttp: true, allowedNetworks: '127.0.0.1/32' },
    inside: { url: 'https://localhost:1/topsecret', secret: SECRET },
  });
  const pager = sinks['webhook-pager'];
  await expect(pager?.write(batchOf(opened(2)))).rejects.toMatchObject({ code: 'WEBHOOK_UNAVAILABLE' });
  await pager?.write(batchOf(opened(2)));
  await expect(sinks['webhook-inside']?.write(batchOf(opened(1)))).rejects.toThrow('not allowed');
  const text = await metrics.metrics();
  for (const line of [
    'incidents_webhook_accepted_total{target="pager"} 1',
    'incidents_webhook_retries_total{target="pager"} 1',
    'incidents_webhook_dead_letters_total{target="pager"} 1',
    'incidents_webhook_addresses_refused_total{target="inside"} 1',
    'incidents_webhook_request_seconds_count{target="pager",result="accepted"} 1',
    'incidents_webhook_request_seconds_count{target="pager",result="failed"} 2',
  ])
    expect(text).toContain(line);
  const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(logged).toContainEqual(
    expect.objectContaining({ level: 'warn', event: 'webhook-retrying', target: 'pager', attempts: 1 }),
  );
  expect(logged).toContainEqual(
    expect.objectContaining({
      level: 'error',
      event: 'webhook-dead-lettered',
      reason: 'it answered 410',
      msg: expect.stringContaining('gone') as unknown,
    }),
  );
  expect(lines.join('') + text).not.toMatch(/topsecret|whsec_|\/hook/);
});
