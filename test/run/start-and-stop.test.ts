import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { KafkaOptions } from '../../stack/native/kafka.ts';
import type { RunningService } from '../../stack/native/running-service.ts';
import { freePort } from '../../stack/native/free-port.ts';
import { describeWith } from '../services/describe-with.ts';
import { startKafka } from '../services/native/kafka.ts';
import { eventually, startRun, temporaryFolder } from './support/run-process.ts';
import { isolated } from './support/upstream.ts';

/** Each process takes seconds to start on a machine that has much else to do. */
const PATIENCE_MS = 180_000;

const NOWHERE = {
  INCIDENTS_KAFKA_BROKERS: '127.0.0.1:1',
  INCIDENTS_REGISTRY_URL: 'http://127.0.0.1:1',
  INCIDENTS_REDIS_URL: 'redis://:hunter2@127.0.0.1:1',
};

test(
  'a configuration that cannot be used ends the process before anything is started',
  { timeout: PATIENCE_MS },
  async () => {
    const run = startRun({ ...NOWHERE, INCIDENTS_TOPICS_PARTITIONS: 'many' });
    expect(await run.ended).toBe(1);
    expect(run.stdout()).toBe('');
    expect(run.stderr()).toContain('CLI_CONFIG: the configuration cannot be used');
    expect(run.stderr()).toContain(
      'topics.partitions is "many" (from the variable INCIDENTS_TOPICS_PARTITIONS)',
    );
    expect(run.stderr()).not.toContain('    at ');
  },
);

test(
  '--print-config prints what would be in effect, without passwords, and ends',
  { timeout: PATIENCE_MS },
  async () => {
    const run = startRun(NOWHERE, ['--print-config', '--role', 'api']);
    expect(await run.ended).toBe(0);
    expect(JSON.parse(run.stdout())).toMatchObject({
      role: 'api',
      kafka: { brokers: ['127.0.0.1:1'] },
      redis: { url: 'redis://:***@127.0.0.1:1' },
    });
  },
);

test(
  'rules that need longer retention than is configured are refused',
  { timeout: PATIENCE_MS },
  async () => {
    const run = startRun({ ...NOWHERE, INCIDENTS_TOPICS_RETENTION_MS: '60000' });
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain('limits.dedupeWithinMs');
  },
);

test(
  'while there is no broker the process lives, says what it waits for, and stops when it is told to',
  { timeout: PATIENCE_MS },
  async () => {
    const run = startRun(NOWHERE);
    await eventually(async () => {
      const { ready, parts } = await run.readiness();
      expect(ready).toBe(false);
      expect(parts.find(({ name }) => name === 'kafka')).toMatchObject({
        state: 'starting',
        reason: expect.stringContaining('127.0.0.1:1') as string,
      });
    });
    expect((await run.get('/readyz')).status).toBe(503);
    expect((await run.get('/healthz')).status).toBe(200);
    await run.printed(/waiting for Kafka/);
    const { how, ms } = await run.stop('SIGINT');
    expect(how).toBe(0);
    expect(ms).toBeLessThan(30_000);
    expect(run.stdout()).not.toContain('hunter2');
  },
);

await describeWith(['kafka', 'schemaRegistry', 'redis'], 'a process that runs', (urls) => {
  test(
    'begins by itself when the broker comes, says so when it has gone, and stops in time without it',
    {
      timeout: PATIENCE_MS,
    },
    async () => {
      const port = await freePort();
      const { environment } = isolated({ ...urls, kafka: `127.0.0.1:${port}` });
      const run = startRun(environment);
      await run.printed(/"starting"/);
      const kafka = await ownKafka({ port });
      await run.whenReady();

      await kafka.stop();
      await eventually(async () => {
        const { parts } = await run.readiness();
        expect(parts).toContainEqual(expect.objectContaining({ name: 'kafka', state: 'failed' }));
      });
      expect((await run.get('/healthz')).status).toBe(200);
      const { ms } = await run.stop('SIGTERM');
      expect(ms).toBeLessThan(60_000);
    },
  );

  test('says why a topic cannot be used, and ends', { timeout: PATIENCE_MS }, async () => {
    const { environment } = isolated(urls);
    const first = startRun({
      ...environment,
      INCIDENTS_ROLE: 'topology',
      INCIDENTS_TOPICS_RETENTION_MS: '12000000',
    });
    await first.whenReady();
    const rules = { INCIDENTS_RULES_FILE: await longMemory() };
    const second = startRun({ ...environment, ...rules, INCIDENTS_ROLE: 'topology' });
    expect(await second.ended).toBe(1);
    expect(second.stdout()).toContain('incident.inbox');
    expect(second.stdout()).toContain('at least 15000000 ms');
    expect(second.log().at(-1)).toMatchObject({ level: 'fatal', err: { code: 'KAFKA_TOPIC' } });
  });

  test('a second signal ends the process at once', { timeout: PATIENCE_MS }, async () => {
    const { environment } = isolated(urls);
    const run = startRun({ ...environment, INCIDENTS_ROLE: 'api' });
    await run.whenReady();
    // A request that never ends is waited for, at first.
    const socket = connect(Number(new URL(await run.api()).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.write('POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n');
    socket.write('content-length: 100\r\n\r\n{');
    await new Promise((resolve) => setTimeout(resolve, 300));
    run.kill('SIGTERM');
    await run.printed(/"msg":"stopping"/);
    const { how, ms } = await run.stop('SIGINT');
    expect(how).toBe(1);
    expect(ms).toBeLessThan(8_000);
  });

  test(
    'ends with 1 and says why when the topology has failed for good',
    { timeout: PATIENCE_MS },
    async () => {
      const kafka = await ownKafka({ settings: { 'transaction.max.timeout.ms': '10000' } });
      const { environment } = isolated({ ...urls, kafka: kafka.url });
      const run = startRun({ ...environment, INCIDENTS_ROLE: 'topology' });
      expect(await run.ended).toBe(1);
      expect(run.log().at(-1)).toMatchObject({ level: 'fatal' });
      expect(run.log().at(-1)?.['msg']).toContain('the topology has failed');
    },
  );

  test('ends with a clear word when its port is taken', { timeout: PATIENCE_MS }, async () => {
    const { environment } = isolated(urls);
    const first = startRun({ ...environment, INCIDENTS_ROLE: 'topology' });
    const [, port = ''] = await first.printed(/"monitoring":"http:\/\/127\.0\.0\.1:(\d+)"/);
    const second = startRun({ ...environment, INCIDENTS_MONITORING_PORT: port });
    expect(await second.ended).toBe(1);
    expect(second.stdout()).toContain(`monitoring.port ${port} is taken by another program`);
  });
});

/** A broker of this test alone. */
async function ownKafka(options: KafkaOptions): Promise<RunningService> {
  const folder = await mkdtemp(join(tmpdir(), 'incidents-run-kafka-'));
  const kafka = await startKafka(folder, options);
  onTestFinished(async () => {
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return kafka;
}

async function longMemory(): Promise<string> {
  const shipped = new URL('../../topology/rules/default-rules.json', import.meta.url);
  const rules = JSON.parse(await readFile(shipped, 'utf8')) as { limits: { dedupeWithinMs: number } };
  rules.limits.dedupeWithinMs = 5_000_000;
  const file = join(temporaryFolder(), 'rules.json');
  await writeFile(file, JSON.stringify(rules));
  return file;
}
