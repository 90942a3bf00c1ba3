import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseEventJson } from '../../schemas/event-json.ts';
import { parseRules } from '../../topology/rules/parse-rules.ts';
import { runServer } from './running-server.ts';
import type { Answer, RunningServer } from './running-server.ts';

const PATH = '/integrations/alertmanager';

/** After the example of Alertmanager's documentation, with the values of a real one. */
function alert(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    status: 'firing',
    labels: {
      alertname: 'HighErrorRate',
      job: 'shop',
      instance: '10.0.0.7:9100',
      severity: 'critical',
    },
    annotations: { summary: 'Checkout answers 500', runbook: 'https://example.com/runbook' },
    startsAt: '2026-01-01T12:00:00.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
    fingerprint: '8b5f4c1d9a2e7f03',
    ...overrides,
  };
}

function payload(alerts: unknown, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    version: '4',
    groupKey: '{}:{alertname="HighErrorRate"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'incidents',
    groupLabels: { alertname: 'HighErrorRate' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts,
    ...overrides,
  };
}

async function take(
  alerts: readonly Record<string, unknown>[],
): Promise<{ server: RunningServer; answer: Answer }> {
  const server = await runServer();
  const answer = await server.post(PATH, payload(alerts));
  expect(answer.status, answer.text).toBe(202);
  for (const event of server.pipeline.events) {
    expect(parseEventJson(event)).toEqual({ ok: true, event });
  }
  return { server, answer };
}

test('a firing alert is a problem, a resolved one a recovery', async () => {
  const endsAt = '2026-01-01T12:30:00Z';
  const before = Date.now();
  const { server, answer } = await take([alert(), alert({ status: 'resolved', endsAt })]);
  expect(answer.json).toMatchObject({ accepted: 2, truncatedAlerts: 0, truncatedEvents: 0 });
  const [problem, recovery] = server.pipeline.events;
  expect(problem).toEqual({
    id: '8b5f4c1d9a2e7f03/2026-01-01T12:00:00.123Z/firing',
    source: 'alertmanager',
    type: 'com.prometheus.alertmanager.firing',
    time: expect.any(Number) as number,
    service: 'shop',
    component: '10.0.0.7:9100',
    fingerprint: '8b5f4c1d9a2e7f03',
    kind: 'PROBLEM',
    severity: 'CRITICAL',
    summary: 'Checkout answers 500',
    value: null,
    attributes: {
      'labels.alertname': 'HighErrorRate',
      'labels.job': 'shop',
      'labels.instance': '10.0.0.7:9100',
      'labels.severity': 'critical',
      'annotations.summary': 'Checkout answers 500',
      'annotations.runbook': 'https://example.com/runbook',
      startsAt: '2026-01-01T12:00:00.123456789Z',
      generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
      receiver: 'incidents',
      externalURL: 'http://alertmanager:9093',
      groupKey: '{}:{alertname="HighErrorRate"}',
    },
  });
  expect(problem?.time).toBeGreaterThanOrEqual(before);
  expect(recovery).toMatchObject({
    id: '8b5f4c1d9a2e7f03/2026-01-01T12:00:00.123Z/resolved/2026-01-01T12:30:00.000Z',
    kind: 'RECOVERY',
    fingerprint: '8b5f4c1d9a2e7f03',
    attributes: { endsAt },
  });
});

test('an alert that is sent again keeps its id; one that begins anew, or of another instant, has its own', async () => {
  const { server } = await take([
    alert(),
    alert({ startsAt: '2026-01-01T13:00:00.123456789+01:00' }),
    alert({ startsAt: '2026-01-01T14:00:00Z' }),
    alert({ fingerprint: 'ffff' }),
    alert({ status: 'resolved', endsAt: '2026-01-01T12:01:00Z' }),
    alert({ status: 'resolved', endsAt: '2026-01-01T12:02:00Z' }),
  ]);
  const ids = server.pipeline.events.map(({ id }) => id);
  expect(ids[1]).toBe(ids[0]);
  expect(new Set(ids).size).toBe(5);
});

test.each([
  ['critical', 'CRITICAL'],
  ['page', 'CRITICAL'],
  ['error', 'MAJOR'],
  ['major', 'MAJOR'],
  [' Warning ', 'MINOR'],
  ['info', 'INFO'],
  ['none', 'INFO'],
  ['sev-7', 'MAJOR'],
  ['constructor', 'MAJOR'],
  ['', 'MAJOR'],
])('the severity %j is %s', async (severity, expected) => {
  const { server } = await take([alert({ labels: { severity } })]);
  expect(server.pipeline.events[0]?.severity).toBe(expected);
});

test.each([
  [{ service: 'a', app: 'b', job: 'c', component: 'd', instance: 'e' }, 'a', 'd'],
  [{ app: 'b', job: 'c', instance: 'e', pod: 'f' }, 'b', 'e'],
  [{ service: ' ', job: 'c', alertname: 'g' }, 'c', 'g'],
  [{ namespace: 'n', pod: 'f', alertname: 'g' }, 'n', 'f'],
  [{}, 'unnamed', 'unnamed'],
  [{ service: 'a/b\n', component: '\u202e' }, 'a_b', '_'],
  [{ service: 'день 😀', component: 'c\u0000' }, 'день 😀', 'c_'],
])('labels %j name service %j and component %j', async (labels, service, component) => {
  const { server } = await take([alert({ labels })]);
  expect(server.pipeline.events).toMatchObject([{ service, component }]);
});

test('an alert without summary is named by its other annotations, then by its name', async () => {
  const { server } = await take([
    alert({ annotations: { summary: '', description: 'more' } }),
    alert({ annotations: null }),
    alert({ annotations: {}, labels: null }),
  ]);
  expect(server.pipeline.events.map(({ summary }) => summary)).toEqual(['more', 'HighErrorRate', 'unnamed']);
});

test('nothing is dropped in silence: what has no room is cut or left out with a mark, in the answer and the log', async () => {
  const labels = Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`label_${n}`, 'x']));
  const annotations = { summary: '😀'.repeat(5_000), [`n${'n'.repeat(400)}`]: 'y' };
  const { server, answer } = await take([
    alert({ labels: { service: 's'.repeat(1_000), ...labels }, annotations }),
    alert({ annotations }),
  ]);
  expect(answer.json).toMatchObject({ accepted: 2, truncatedEvents: 2 });
  const [many, long] = server.pipeline.events;
  expect(Object.keys(many?.attributes ?? {})).toHaveLength(64);
  expect(many?.attributes['truncated']).toMatch(
    /^cut: none; left out: 25 \(labels\.label_57, .* and more\)$/,
  );
  expect(many?.service).toMatch(/^s+…[0-9a-f]{16}$/);
  expect(long?.attributes['truncated']).toMatch(
    /^cut: 2 \(annotations\.summary, annotations\.nn+…[0-9a-f]{16}\)/,
  );
  expect(long?.attributes['annotations.summary']).toMatch(/^(😀)+…$/u);
  expect(long?.summary).toMatch(/^(😀)+…$/u);
  expect(server.logged.join()).toContain('"truncatedEvents":2');
});

test('alerts that Alertmanager left out are told in the answer and in the log', async () => {
  const server = await runServer();
  const groupKey = 'key\r\n{"level":60}';
  const { json } = await server.post(PATH, payload([alert()], { truncatedAlerts: 7, groupKey }));
  expect(json).toMatchObject({ accepted: 1, truncatedAlerts: 7 });
  expect(server.logged).toHaveLength(1);
  expect(JSON.parse(server.logged[0] ?? '')).toMatchObject({ truncatedAlerts: 7, groupKey });
});

test.each([
  ['the zero time', '0001-01-01T00:00:00Z'],
  ['a time beyond every calendar', '+999999-99-01T00:00:00Z'],
  ['no time', ''],
  ['words', 'yesterday 😀'.repeat(100)],
  ['half a character', '\ud800'],
])('%s as the beginning of an alert is no obstacle', async (_name, startsAt) => {
  const { server } = await take([alert({ startsAt, fingerprint: undefined, endsAt: undefined })]);
  expect(server.pipeline.events[0]?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
});

test('an empty list of alerts is nothing to do', async () => {
  const { answer } = await take([]);
  expect(answer.json).toMatchObject({ accepted: 0, results: [] });
});

test.each([
  ['another version', payload([alert()], { version: '3' }), ['version']],
  ['no alerts', payload(undefined), ['alerts']],
  ['an alert without status', payload([alert({ status: 'silenced' })]), ['alerts']],
  ['labels that are no texts', payload([alert({ labels: { severity: 5 } })]), ['alerts']],
  ['a list', [], ['body']],
])('%s is refused, and nothing is taken', async (_name, body, fields) => {
  const server = await runServer();
  const { status, json } = await server.post(PATH, body);
  expect([status, json.code]).toEqual([400, 'HTTP_BODY_INVALID']);
  expect(json.errors.map(({ field }) => field)).toEqual(fields);
  expect(server.pipeline.events).toEqual([]);
});

test('a group of thousands is taken: Alertmanager would not send what was refused again', async () => {
  const server = await runServer();
  const alerts = Array.from({ length: 3_000 }, (_, n) => alert({ fingerprint: `f${n}` }));
  const { status, json } = await server.post(PATH, payload(alerts));
  expect([status, json.results.length]).toEqual([202, 3_000]);
  expect(json.results[2_999]).toMatchObject({ id: server.pipeline.events[2_999]?.id, offset: 2_999 });
});

test('a group that is too large even so is refused with the size that is allowed here', async () => {
  const server = await runServer();
  const { status, json } = await server.post(PATH, 'x'.repeat(9 * 1024 * 1024));
  expect([status, json.code]).toEqual([413, 'HTTP_BODY_TOO_LARGE']);
  expect(json.detail).toContain('8388608');
});

test('what cannot be stored is answered 503, at which Alertmanager sends it again', async () => {
  const server = await runServer();
  server.pipeline.broken = new Error('disk is full');
  expect((await server.post(PATH, payload([alert()]))).status).toBe(503);
});

test('the rule that the documentation recommends is one', async () => {
  const text = await readFile(new URL('../../docs/integrations/alertmanager.md', import.meta.url), 'utf8');
  const [, rule] = /## Rules that fit[\s\S]*?```json\n([\s\S]*?)```/.exec(text) ?? [];
  const limits = {
    graceMs: 300_000,
    dedupeWithinMs: 3_600_000,
    maxAheadMs: 300_000,
    minTime: '2000-01-01T00:00:00Z',
  };
  const recommended = JSON.parse(rule ?? '') as object;
  const others = { ...recommended, id: 'others', match: {} };
  expect(parseRules({ limits, rules: [recommended, others] }).rules).toHaveLength(2);
});
