import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isAlertType } from '../../schemas/alert.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import { TOPICS } from '../../topology/topics.ts';
import type { PartReadiness } from '../../connectors/http/index.ts';
import { subscribeToAlerts } from './support/alert-subscriber.ts';
import { ApiClient } from './support/api-client.ts';
import { dataDirectory } from './support/data-directory.ts';
import { problemsOfAlert } from '../schemas/alert-schema.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { runDemoOnce, startDemo, summaryOf } from './support/demo-process.ts';
import { startRunningRedis } from './support/running-redis.ts';
import type { RunningRedis } from './support/running-redis.ts';
import { openForReading } from './support/streams-content.ts';

/** Replays take minutes on a machine that has much else to do. */
const PATIENCE_MS = 300_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

/** Enough for several seconds of replay, so that Redis is stopped in the middle of it also on a fast machine. */
const ARRIVALS = 240_000;
const SERIES = ['github', 'app1-01', 'ec2_request_latency_system_failure'];

async function ownRedis(dataDir: string): Promise<RunningRedis & { readonly folder: string }> {
  const folder = join(dataDir, 'own-redis');
  mkdirSync(folder);
  const redis = await startRunningRedis(folder);
  onTestFinished(() => redis.stop());
  return { ...redis, folder };
}

/** Of each partition the transitions, in order. */
async function transitionsIn(dataDir: string): Promise<IncidentTransition[]> {
  const { runtime, serdes } = openForReading(dataDir);
  const transitions = [0, 1, 2, 3].flatMap((partition) =>
    Array.from(runtime.records(TOPICS.transitions, partition), ({ value }) => {
      if (value === null) throw new Error('a transition without a value');
      return serdes.incidentTransition.deserialize(value);
    }),
  );
  await runtime.close();
  return transitions;
}

async function statesInRedis(url: string): Promise<Map<string, IncidentState>> {
  const client = new Redis(url);
  const states = new Map<string, IncidentState>();
  for (const key of await client.keys('incidents:{p*}:incident:*')) {
    const state = JSON.parse((await client.hget(key, 'state')) ?? '') as IncidentState;
    states.set(state.incidentId, state);
  }
  client.disconnect();
  return states;
}

/** The ids of the alerts that the streams keep for whoever was away. */
async function alertsInStreams(url: string): Promise<string[]> {
  const client = new Redis(url);
  const ids: string[] = [];
  for (const key of await client.keys('incidents:{p*}:alerts')) {
    for (const [, [, alert]] of await client.xrange(key, '-', '+'))
      ids.push((JSON.parse(alert ?? '') as Alert).id);
  }
  client.disconnect();
  return ids;
}

/** What is not closed yet, as its newest transition left it. */
function currentStates(transitions: readonly IncidentTransition[]): Map<string, IncidentState> {
  const states = new Map(transitions.map(({ state }) => [state.incidentId, state]));
  for (const [id, { status }] of states) if (status === 'CLOSED') states.delete(id);
  return states;
}

function alertIdsByIncident(alerts: readonly { incidentId: string; id: string }[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { incidentId, id } of alerts) ids.set(incidentId, [...(ids.get(incidentId) ?? []), id]);
  return ids;
}

function partOf(parts: readonly PartReadiness[], name: string): PartReadiness | undefined {
  return parts.find((part) => part.name === name);
}

await describeWithPrograms(['redis-server'], 'Redis beside the main job', () => {
  test('Redis holds the newest state of each incident, and a subscriber hears every alert once, in order', async () => {
    const dataDir = dataDirectory();
    const redis = await ownRedis(dataDir);
    const subscriber = await subscribeToAlerts(redis.url);
    await runDemoOnce({
      args: ['--data-dir', dataDir, '--no-clickhouse', '--only', ...SERIES],
      environment: { REDIS_URL: redis.url },
    });
    await subscriber.settle();

    const transitions = await transitionsIn(dataDir);
    expect(currentStates(transitions).size).toBeGreaterThan(0);
    expect(await statesInRedis(redis.url)).toEqual(currentStates(transitions));

    const expected = transitions
      .filter(({ type }) => isAlertType(type))
      .map(({ incidentId, version }) => ({ incidentId, id: `${incidentId}/${version}` }));
    expect(expected.length).toBeGreaterThan(300);
    expect(subscriber.heard).toHaveLength(expected.length);
    expect(alertIdsByIncident(subscriber.heard)).toEqual(alertIdsByIncident(expected));
    expect(subscriber.heard.flatMap(problemsOfAlert)).toEqual([]);
    expect((await alertsInStreams(redis.url)).sort()).toEqual(expected.map(({ id }) => id).sort());
  });

  for (const { back, empties } of [
    { back: 'with its data', empties: false },
    { back: 'empty', empties: true },
  ]) {
    test(`Redis away in the middle of the replay and back ${back}: nothing stops, nothing is lost, no alert comes twice`, async () => {
      const dataDir = dataDirectory();
      const redis = await ownRedis(dataDir);
      const subscriber = await subscribeToAlerts(redis.url);
      const demo = startDemo({
        args: [
          '--port',
          '0',
          '--json',
          '--data-dir',
          dataDir,
          '--no-clickhouse',
          '--limit',
          String(ARRIVALS),
        ],
        environment: { REDIS_URL: redis.url },
      });
      onTestFinished(() => demo.kill('SIGKILL'));
      const [, url] = await demo.printed(/Incidents +(http:\S+)\/incidents/);
      const api = new ApiClient(url ?? '');
      await expect
        .poll(() => subscriber.heard.length, { timeout: PATIENCE_MS, interval: 5 })
        .toBeGreaterThan(0);
      await redis.stop();
      expect((await api.ledger()).received).toBeLessThan(ARRIVALS);

      await expect
        .poll(async () => (await api.ledger()).received, { timeout: PATIENCE_MS, interval: 100 })
        .toBe(ARRIVALS);
      await expect
        .poll(async () => partOf((await api.readiness()).body.parts, 'redis'), {
          timeout: PATIENCE_MS,
          interval: 100,
        })
        .toMatchObject({
          state: 'failed',
          reason: expect.stringMatching(/redis.*\d+ records behind/is) as string,
        });

      if (empties) rmSync(join(redis.folder, 'appendonlydir'), { recursive: true });
      await redis.start();
      await demo.printed(/Serving/);
      await expect
        .poll(async () => (await api.readiness()).status, { timeout: PATIENCE_MS, interval: 100 })
        .toBe(200);
      const summary = summaryOf(demo);
      expect(summary.deadLettered).toBe(summary.injected.broken);
      demo.kill('SIGTERM');
      expect(await demo.ended, demo.stderr()).toBe(0);

      const transitions = await transitionsIn(dataDir);
      expect(await statesInRedis(redis.url)).toEqual(currentStates(transitions));
      const alertIds = transitions
        .filter(({ type }) => isAlertType(type))
        .map(({ incidentId, version }) => `${incidentId}/${version}`);
      expect((await alertsInStreams(redis.url)).sort()).toEqual(alertIds.sort());
      await subscriber.settle();
      const heard = subscriber.heard.map(({ id }) => id);
      expect(new Set(heard).size, 'an alert came twice').toBe(heard.length);
    });
  }

  test('a Redis that is not there holds nothing up: the run ends, says what is behind, and the next one makes up for it', async () => {
    const dataDir = dataDirectory();
    const redis = await ownRedis(dataDir);
    await redis.stop();
    const options = {
      args: ['--data-dir', dataDir, '--no-clickhouse', '--only', 'github', '--once', '--json', '--port', '0'],
      environment: { REDIS_URL: redis.url },
    };
    const without = startDemo(options);
    expect(await without.ended, without.stderr()).toBe(0);
    expect(without.stderr()).toMatch(/redis is [1-9]\d* records behind: .*redis/i);
    expect(summaryOf(without).received).toBeGreaterThan(0);

    await redis.start();
    const subscriber = await subscribeToAlerts(redis.url);
    expect(await startDemo(options).ended).toBe(0);
    const transitions = await transitionsIn(dataDir);
    expect(await statesInRedis(redis.url)).toEqual(currentStates(transitions));
    await subscriber.settle();
    expect(subscriber.heard).toHaveLength(transitions.filter(({ type }) => isAlertType(type)).length);
  });
});
