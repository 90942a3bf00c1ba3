import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Alert } from '../../schemas/alert.ts';
import { SseClient } from '../http/sse-client.ts';
import { subscribeToAlerts } from './support/alert-subscriber.ts';
import { ApiClient } from './support/api-client.ts';
import type { Problem } from './support/api-client.ts';
import { dataDirectory, newDataDirectory, removeDataDirectory } from './support/data-directory.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { startDemo } from './support/demo-process.ts';
import type { DemoProcess } from './support/demo-process.ts';
import { quickRulesFile } from './support/quick-rules.ts';
import { startRunningRedis } from './support/running-redis.ts';
import type { RunningRedis } from './support/running-redis.ts';

const SOON = { timeout: 50_000, interval: 50 };

interface Served {
  readonly demo: DemoProcess;
  readonly api: ApiClient;
}

async function serve(args: readonly string[], environment: Record<string, string> = {}): Promise<Served> {
  const demo = startDemo({ args: ['--port', '0', '--no-clickhouse', ...args], environment });
  const [, url] = await demo.printed(/Incidents +(http:\S+)\/incidents/);
  return { demo, api: new ApiClient(url ?? '') };
}

let events = 0;

function eventNow(change: Record<string, unknown>): Record<string, unknown> {
  const id = `event-${++events}`;
  const service = { service: 'shop', component: 'checkout' };
  return { id, source: 'test', time: Date.now(), ...service, summary: 'payments fail', ...change };
}

/** Resolves with how it ended, and how long that took. */
async function terminate({ demo }: Served): Promise<{ how: number | string; tookMs: number }> {
  const started = performance.now();
  demo.kill('SIGTERM');
  const how = await demo.ended;
  return { how, tookMs: performance.now() - started };
}

await describeWithPrograms(
  ['redis-server'],
  'an incident over HTTP, from its first problem to its end',
  () => {
    let dataDir: string;
    let redis: RunningRedis;
    let served: Served;
    let args: string[];

    beforeAll(async () => {
      dataDir = newDataDirectory();
      mkdirSync(join(dataDir, 'own-redis'));
      redis = await startRunningRedis(join(dataDir, 'own-redis'));
      args = ['--data-dir', dataDir, '--only', 'github', '--rules', quickRulesFile(dataDir)];
      served = await serve(args, { REDIS_URL: redis.url });
      await served.demo.printed(/Serving/);
    });

    afterAll(async () => {
      served.demo.kill('SIGKILL');
      await served.demo.ended;
      await redis.stop();
      removeDataDirectory(dataDir);
    });

    test('replayed incidents are listed, and each has its state and its timeline', async () => {
      const { api } = served;
      const all = await api.incidents();
      expect(all.length).toBeGreaterThan(0);
      for (const incident of all.slice(0, 3)) {
        expect((await api.get(`/incidents/${incident.incidentId}`)).body).toEqual(incident);
        const timeline = await api.timeline(incident.incidentId);
        expect(timeline.map(({ version }) => version)).toEqual(timeline.map((_, index) => index + 1));
        expect(timeline.at(-1)?.state).toEqual(incident);
      }
      expect((await api.get<Problem>('/incidents/unknown')).body.code).toBe('HTTP_INCIDENT_UNKNOWN');
    });

    test('five problems in a minute open an incident, which GET /alerts and Redis tell of once', async () => {
      const { api } = served;
      const subscriber = await subscribeToAlerts(redis.url);
      const sse = await SseClient.connect(`${api.url}/alerts`);
      const before = await api.ledger();

      const one = await api.post<{ accepted: number }>('/events', eventNow({}));
      expect(one).toMatchObject({
        status: 202,
        body: { accepted: 1, results: [{ topic: 'incident.inbox' }] },
      });
      await expect.poll(() => api.incidents('?service=shop'), SOON).toMatchObject([{ status: 'PENDING' }]);
      const four = await api.post('/events', [eventNow({}), eventNow({}), eventNow({}), eventNow({})]);
      expect(four).toMatchObject({ status: 202, body: { accepted: 4 } });

      // It is today now, so the incidents of the replay resolve: what the shop's alerts say is looked at.
      const streamed = () => shopAlerts(sse);
      const published = () => subscriber.heard.filter(isOfShop);
      await sse.until(() => streamed().length > 0);
      expect(streamed()).toMatchObject([
        { type: 'OPENED', correlationKey: 'shop/checkout', severity: 'MAJOR', ruleId: 'quick' },
      ]);
      await expect.poll(() => published().length, SOON).toBe(1);
      await subscriber.settle();
      expect(published()).toMatchObject(streamed());
      expect(await api.incidents('?service=shop')).toMatchObject([{ status: 'OPEN', problemCount: 5 }]);
      expect(await api.ledger()).toEqual({
        ...before,
        received: before.received + 5,
        applied: before.applied + 5,
      });
    });

    test('an event that comes again is a duplicate in the ledger and changes nothing', async () => {
      const { api } = served;
      const before = await api.ledger();
      const again = eventNow({ component: 'search' });
      await api.post('/events', [again, again]);
      await expect
        .poll(() => api.ledger(), SOON)
        .toEqual({
          ...before,
          received: before.received + 2,
          applied: before.applied + 1,
          duplicates: before.duplicates + 1,
        });
    });

    test('an acknowledgement is in the state and in the timeline, with who did it and what they said', async () => {
      const { api } = served;
      const id = await shopIncident(api);
      const sse = await SseClient.connect(`${api.url}/alerts`);
      const answer = await api.post(`/incidents/${id}/acknowledge`, { actor: 'mia', comment: 'on it' });
      expect(answer.status).toBe(202);
      await expect
        .poll(() => api.get(`/incidents/${id}`), SOON)
        .toMatchObject({ body: { status: 'ACKNOWLEDGED', acknowledgedBy: 'mia' } });
      expect((await api.timeline(id)).at(-1)).toMatchObject({
        type: 'ACKNOWLEDGED',
        actor: 'mia',
        comment: 'on it',
        cause: { topic: 'incident.inbox' },
      });
      await sse.until(() => shopAlerts(sse).length > 0);
      expect(shopAlerts(sse)).toMatchObject([{ type: 'ACKNOWLEDGED', actor: 'mia' }]);
    });

    test('a recovery that holds resolves the incident, though no further event comes', async () => {
      const { api } = served;
      const id = await shopIncident(api);
      await api.post('/events', eventNow({ kind: 'RECOVERY', summary: 'payments work' }));
      await expect
        .poll(() => api.get(`/incidents/${id}`), SOON)
        .toMatchObject({ body: { status: 'RESOLVED' } });
      expect((await api.timeline(id)).map(({ type }) => type)).toEqual(
        expect.arrayContaining(['DETECTED', 'OPENED', 'ACKNOWLEDGED', 'RECOVERED', 'RESOLVED']),
      );
    });

    test('what is no event is refused with the name of the field, and what no time can be with a dead letter', async () => {
      const { api } = served;
      const before = await api.ledger();
      const refused: readonly [body: unknown, status: number, reason: RegExp][] = [
        [{ id: '1' }, 400, /source.*time.*service.*component.*summary/],
        [eventNow({ servise: 'shop' }), 400, /servise/],
        [eventNow({ attributes: { region: 5 } }), 400, /attributes\.region/],
        [[eventNow({}), eventNow({ component: '' })], 400, /1 of 2 events/],
        [`{"id": "1", "__proto__": {"admin": true}}`, 400, /__proto__/],
        ['{"id": ', 400, /JSON/],
        [eventNow({ summary: 'x'.repeat(10_000_000) }), 413, /1048576 bytes/],
      ];
      for (const [body, status, reason] of refused) {
        const answer = await api.post<Problem>('/events', body);
        expect(answer, String(reason)).toMatchObject({
          status,
          type: 'application/problem+json; charset=utf-8',
        });
        expect(answer.body.detail).toMatch(reason);
      }
      expect(await api.ledger()).toEqual(before);

      const times = [eventNow({ time: 0 }), eventNow({ time: '2099-01-01T00:00:00Z' })];
      expect((await api.post('/events', times)).status).toBe(202);
      await expect
        .poll(() => api.ledger(), SOON)
        .toEqual({ ...before, received: before.received + 2, deadLettered: before.deadLettered + 2 });
    });

    test('SIGTERM ends it in time with exit code 0; the next start goes on, and time with it', async () => {
      await served.api.post('/events', eventNow({ component: 'cart', severity: 'CRITICAL' }));
      await expect.poll(() => cart(), SOON).toMatchObject([{ status: 'OPEN' }]);
      await served.api.post('/events', eventNow({ component: 'cart', kind: 'RECOVERY', summary: 'works' }));
      const before = await served.api.ledger();
      const sse = await SseClient.connect(`${served.api.url}/alerts`);

      const end = await terminate(served);
      expect(end.how, served.demo.stderr()).toBe(0);
      expect(end.tookMs).toBeLessThan(50_000);
      await sse.ended;
      await new Promise((resolve) => setTimeout(resolve, 1_500));

      served = await serve(args, { REDIS_URL: redis.url });
      await served.demo.printed(/Serving/);
      expect(await served.api.ledger()).toEqual(before);
      await expect.poll(() => cart(), SOON).toMatchObject([{ status: 'RESOLVED' }]);

      const id = (await cart())[0]?.incidentId ?? '';
      const saidAt = Date.now();
      await served.api.post(`/incidents/${id}/comment`, { actor: 'mia', comment: 'seen' });
      await expect.poll(async () => (await served.api.timeline(id)).at(-1)?.comment, SOON).toBe('seen');
      const comment = (await served.api.timeline(id)).at(-1);
      expect(comment?.at, 'by the clock of today').toBeGreaterThan(saidAt - 1_000);
      expect(comment?.at).toBeLessThan(Date.now() + 1_000);
    });

    test('nothing is written while nothing is due', async () => {
      const { api } = served;
      const place = async (): Promise<number> => {
        const answer = await api.post<{ results: { offset: number }[] }>(
          '/events',
          eventNow({ component: 'idle', kind: 'RECOVERY' }),
        );
        return answer.body.results[0]?.offset ?? NaN;
      };
      const first = await place();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect((await place()) - first).toBeLessThanOrEqual(3);
    });

    async function cart() {
      return (await served.api.incidents('?service=shop')).filter(({ component }) => component === 'cart');
    }
  },
);

function isOfShop({ service }: Alert): boolean {
  return service === 'shop';
}

function shopAlerts(sse: SseClient): Alert[] {
  return sse
    .alerts()
    .map(({ data }) => JSON.parse(data) as Alert)
    .filter(isOfShop);
}

async function shopIncident(api: ApiClient): Promise<string> {
  const incidents = await api.incidents('?service=shop');
  const [incident] = incidents.filter(({ component }) => component === 'checkout');
  if (incident === undefined) throw new Error('there is no incident of the shop');
  return incident.incidentId;
}

test('while old data is replayed an event from today is refused, and nothing of it is kept', async () => {
  const dataDir = dataDirectory();
  const served = await serve(['--no-redis', '--data-dir', dataDir, '--limit', '60000', '--json']);
  onTestFinished(() => served.demo.kill('SIGKILL'));
  const answers = [];
  while (!/Serving/.test(served.demo.stderr()))
    answers.push(await served.api.post<Problem>('/events', eventNow({ component: 'early' })));
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(3);
  expect(answers.slice(0, refused.length)).toEqual(refused);
  expect(refused[0]).toMatchObject({
    type: 'application/problem+json; charset=utf-8',
    body: { code: 'CLI_REPLAY_RUNNING', detail: expect.stringMatching(/replay/) as string },
  });
  await terminate(served);
  expect(served.demo.stdout()).toMatch(/"received":60000,/);
});

test('SIGTERM in the middle of the replay ends it in time, and the next start goes on', async () => {
  const dataDir = dataDirectory();
  const args = ['--no-redis', '--data-dir', dataDir, '--limit', '60000', '--json'];
  const first = await serve(args);
  await first.demo.printed(/OPENED/);
  const end = await terminate(first);
  expect(end.how, first.demo.stderr()).toBe(0);
  expect(end.tookMs).toBeLessThan(50_000);
  expect(first.demo.stdout()).toBe('');

  const second = await serve([...args, '--once']);
  expect(await second.demo.ended).toBe(0);
  const summary = JSON.parse(second.demo.stdout()) as {
    received: number;
    duplicates: number;
    injected: object;
  };
  expect(summary).toMatchObject({ received: 60_000, injected: { duplicates: summary.duplicates } });
});

test('an event from 2099 does not make it 2099, nor today: the incidents of the replay stay as they are', async () => {
  const dataDir = dataDirectory();
  const rules = quickRulesFile(dataDir);
  const served = await serve(['--no-redis', '--data-dir', dataDir, '--only', 'github', '--rules', rules]);
  onTestFinished(() => served.demo.kill('SIGKILL'));
  await served.demo.printed(/Serving/);
  const before = await served.api.incidents();
  expect(before.length).toBeGreaterThan(0);
  const { deadLettered } = await served.api.ledger();
  await served.api.post('/events', eventNow({ time: '2099-01-01T00:00:00Z' }));
  await expect.poll(async () => (await served.api.ledger()).deadLettered, SOON).toBe(deadLettered + 1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await served.api.incidents()).toEqual(before);
  await terminate(served);
});

test('an event that was accepted survives kill -9 in the next moment, and is counted once', async () => {
  const dataDir = dataDirectory();
  const args = ['--no-redis', '--data-dir', dataDir, '--only', 'github'];
  const first = await serve(args);
  await first.demo.printed(/Serving/);
  const { applied, received } = await first.api.ledger();
  const event = eventNow({ severity: 'CRITICAL' });
  const answer = await first.api.post('/events', event);
  first.demo.kill('SIGKILL');
  await first.demo.ended;
  expect(answer.status).toBe(202);

  const second = await serve(args);
  onTestFinished(() => second.demo.kill('SIGKILL'));
  await second.demo.printed(/Serving/);
  await second.api.post('/events', event);
  await expect
    .poll(() => second.api.ledger(), SOON)
    .toMatchObject({ received: received + 2, applied: applied + 1 });
  expect(await second.api.incidents('?service=shop')).toMatchObject([{ status: 'OPEN', problemCount: 1 }]);
  await terminate(second);
});

test('an acknowledged incident of the replay stays acknowledged over a restart: time goes on where it was', async () => {
  const dataDir = dataDirectory();
  const rules = quickRulesFile(dataDir);
  const args = ['--no-redis', '--data-dir', dataDir, '--only', 'github', '--rules', rules];
  const first = await serve(args);
  onTestFinished(() => first.demo.kill('SIGKILL'));
  await first.demo.printed(/Serving/);
  const [open] = await first.api.incidents('?status=OPEN');
  const id = open?.incidentId ?? '';
  await first.api.post(`/incidents/${id}/acknowledge`, { actor: 'mia' });
  const path = `/incidents/${id}`;
  await expect.poll(() => first.api.get(path), SOON).toMatchObject({ body: { status: 'ACKNOWLEDGED' } });
  await terminate(first);

  const second = await serve(args);
  onTestFinished(() => second.demo.kill('SIGKILL'));
  await second.demo.printed(/Serving/);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await second.api.get(path)).toMatchObject({
    body: { status: 'ACKNOWLEDGED', acknowledgedBy: 'mia' },
  });
  await terminate(second);
});
