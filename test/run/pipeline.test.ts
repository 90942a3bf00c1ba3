import { createClient } from '@clickhouse/client';
import { expect, onTestFinished, test } from 'vitest';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import { createRedisIncidentReader, readRedisPipeline } from '../../connectors/redis/index.ts';
import { SseClient } from '../http/sse-client.ts';
import { ApiClient } from '../main-job/support/api-client.ts';
import { listenForAlerts } from '../redis/alert-listener.ts';
import { describeWith, uniqueName } from '../services/describe-with.ts';
import { eventually, rulesFile, startRun } from './support/run-process.ts';
import { Upstream, isolated, problem } from './support/upstream.ts';

/** Each process takes seconds to start on a machine that has much else to do. */
const PATIENCE_MS = 180_000;

await describeWith(['kafka', 'schemaRegistry', 'redis', 'clickhouse'], 'the pipeline on Kafka', (urls) => {
  async function openIncidents(prefix: string): Promise<IncidentState[]> {
    const reader = createRedisIncidentReader({ url: urls.redis, prefix });
    try {
      return await reader.openIncidents();
    } finally {
      reader.close();
    }
  }

  test(
    'events of an upstream become one incident: in Redis, as an alert to each kind of subscriber, in ClickHouse, over HTTP',
    { timeout: PATIENCE_MS },
    async () => {
      const { prefix, environment } = isolated(urls);
      const database = uniqueName('run').replaceAll('-', '_');
      const run = startRun({
        ...environment,
        INCIDENTS_CLICKHOUSE_URL: urls.clickhouse,
        INCIDENTS_CLICKHOUSE_DATABASE: database,
        INCIDENTS_RULES_FILE: rulesFile({ graceMs: 500, windowMs: 1_000 }),
      });
      await run.whenReady();
      const api = new ApiClient(await run.api());
      const alerts = await listenForAlerts(urls.redis, prefix);
      onTestFinished(() => alerts.close());
      const stream = await SseClient.connect(`${api.url}/alerts`);
      const upstream = await Upstream.connect(urls, prefix);

      const first = problem({ id: 'one', severity: 'CRITICAL' });
      await upstream.send([first, first, problem({ id: 'two', component: 'search' })]);
      await upstream.sendBytes(Buffer.from('no event'));

      const incident = await eventually(async () => {
        const [found] = await openIncidents(prefix);
        expect(found).toMatchObject({
          correlationKey: 'shop/checkout',
          status: 'OPEN',
          severity: 'CRITICAL',
        });
        return found as IncidentState;
      });
      expect(await readRedisPipeline({ url: urls.redis, prefix })).toBe(
        `${environment.INCIDENTS_APPLICATION_ID} ${prefix}`,
      );
      await eventually(async () => expect(await api.incidents()).toHaveLength(1));
      await eventually(() => expect(alerts.heard.map(({ alert }) => alert.type)).toContain('OPENED'));
      await stream.until((client) => client.alerts().length > 0);
      expect(JSON.parse(stream.alerts()[0]?.data ?? '')).toMatchObject({
        incidentId: incident.incidentId,
        type: 'OPENED',
      });
      await eventually(async () =>
        expect(await api.ledger()).toMatchObject({ received: 4, applied: 2, duplicates: 1, deadLettered: 1 }),
      );

      // Who was away gets what it has missed.
      const late = await SseClient.connect(`${api.url}/alerts?after=0.0.0.0.0.0`);
      await late.until((client) => client.alerts().length > 0);
      expect(late.alerts()[0]).toEqual(stream.alerts()[0]);
      expect((await api.get('/alerts?after=0.0')).body).toMatchObject({
        code: 'HTTP_ALERT_POSITION_INVALID',
      });

      const { status } = await api.post(`/incidents/${incident.incidentId}/acknowledge`, { actor: 'ann' });
      expect(status).toBe(202);
      await eventually(async () => {
        const { body } = await api.get<IncidentState>(`/incidents/${incident.incidentId}`);
        expect(body).toMatchObject({ status: 'ACKNOWLEDGED', acknowledgedBy: 'ann' });
      });

      const clickhouse = createClient({ url: new URL('/', urls.clickhouse), database });
      onTestFinished(() => clickhouse.close());
      await eventually(async () => {
        const answer = await clickhouse.query({
          query: 'SELECT type FROM transitions WHERE incident_id = {id:String} ORDER BY version',
          query_params: { id: incident.incidentId },
          format: 'JSONEachRow',
        });
        const types = (await answer.json<{ type: string }>()).map(({ type }) => type);
        expect(types).toEqual(expect.arrayContaining(['DETECTED', 'OPENED', 'ACKNOWLEDGED']));
        expect((await api.timeline(incident.incidentId)).map(({ type }) => type)).toEqual(types);
      });
      const explained = await api.get(`/incidents/${incident.incidentId}/explanation`);
      expect(explained.body).toMatchObject({
        opening: {
          cause: { topic: 'incident.inbox', eventSource: first.source, eventId: 'one' },
        },
        counts: { problems: 1 },
        missing: [],
      });
      // The windows close though no event comes any more: the ticks say what time it is.
      await eventually(async () => {
        const answer = await clickhouse.query({
          query: 'SELECT count() AS n FROM windows',
          format: 'JSONEachRow',
        });
        expect(Number((await answer.json<{ n: string }>())[0]?.n)).toBe(2);
      });
      expect(await run.metric('incidents_ticks_total')).toBeGreaterThan(0);
      expect(await run.metric('kafka_streams_stream_task_metrics_dropped_records_total', 'unreadable')).toBe(
        1,
      );
      expect(await run.stop('SIGTERM')).toMatchObject({ how: 0 });
      expect(run.stdout()).not.toContain(new URL(urls.clickhouse).password || 'no password');
    },
  );

  test(
    'an event that is sent over HTTP is applied once with the same event from Kafka',
    { timeout: PATIENCE_MS },
    async () => {
      const { prefix, environment } = isolated(urls);
      const run = startRun(environment);
      await run.whenReady();
      const api = new ApiClient(await run.api());
      const upstream = await Upstream.connect(urls, prefix);
      const event = problem({ id: 'both ways' });
      await upstream.send([event]);
      const json = { ...event, time: new Date(event.time).toISOString() };
      expect(await api.post('/events', [json, json])).toMatchObject({ status: 202, body: { accepted: 2 } });
      await eventually(async () =>
        expect(await api.ledger()).toMatchObject({ received: 3, applied: 1, duplicates: 2 }),
      );
      expect(await api.get('/incidents/nobody/timeline')).toMatchObject({
        status: 501,
        body: { code: 'HTTP_TIMELINE_OFF' },
      });
      // What is not open is listed too, from Redis; without a database the explanation says what it lacks.
      const [pending] = await eventually(async () => {
        const listed = await api.incidents('?status=PENDING,RESOLVED');
        expect(listed).toHaveLength(1);
        return listed;
      });
      expect(await api.get(`/incidents/${pending?.incidentId}/explanation`)).toMatchObject({
        status: 200,
        body: {
          state: { status: 'PENDING' },
          rule: { parameters: { id: pending?.ruleId } },
          changes: [],
          missing: ['The changes and their causes: this server keeps current state only.'],
        },
      });
    },
  );

  test(
    'events that waited while the pipeline was down are not made late by the ticks',
    { timeout: PATIENCE_MS },
    async () => {
      const { prefix, environment } = isolated(urls);
      const settings = {
        ...environment,
        INCIDENTS_ROLE: 'topology',
        INCIDENTS_RULES_FILE: rulesFile({ graceMs: 300, windowMs: 500 }),
        INCIDENTS_TICKS_INTERVAL_MS: '50',
        // So that routing takes its time, and ticks could overtake it.
        INCIDENTS_PROCESSING_MAX_COMMIT_RECORDS: '50',
      };
      const before = startRun(settings);
      await before.whenReady();
      const upstream = await Upstream.connect(urls, prefix);
      await upstream.send([problem({ id: 'before' })]);
      await eventually(async () =>
        expect(await before.metric('incidents_ledger_events_total', '"applied"')).toBe(1),
      );
      expect((await before.stop('SIGTERM')).how).toBe(0);

      const missed = 4_000;
      const since = Date.now();
      await upstream.send(
        Array.from({ length: missed }, (_, i) => problem({ id: `missed ${i}`, time: since + (i % 3) })),
      );
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const after = startRun(settings);
      await after.whenReady();
      await eventually(async () =>
        expect(await after.metric('incidents_ledger_events_total', '"received"')).toBe(missed + 1),
      );
      expect(await after.metric('incidents_ledger_events_total', '"late"')).toBe(0);
      expect(await after.metric('incidents_ledger_events_total', '"applied"')).toBe(missed + 1);
      await eventually(async () => expect(await after.metric('incidents_ticks_total')).toBeGreaterThan(0));
    },
  );
});
