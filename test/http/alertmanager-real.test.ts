import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../stack/native/free-port.ts';
import type { RunningProgram } from '../../stack/native/running-service.ts';
import { dataDirectory } from '../main-job/support/data-directory.ts';
import { describeWithPrograms } from '../services/describe-with-programs.ts';
import { startAlertmanager } from '../services/native/alertmanager.ts';
import { runEmbeddedServer } from './embedded-server.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };

/** What Prometheus posts to Alertmanager's own API. */
function alert(name: string, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    labels: { alertname: name, job: 'shop', instance: '10.0.0.7:9100', severity: 'critical' },
    annotations: { summary: `${name}: €, 😀 and "quotes"` },
    generatorURL: 'http://prometheus.example/graph?g0.expr=up%3D%3D0',
    startsAt: new Date(Date.now() - 3_600_000).toISOString(),
    ...overrides,
  };
}

async function postAlerts(url: string, alerts: readonly Record<string, unknown>[]): Promise<void> {
  const response = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alerts),
  });
  expect(response.status, await response.text()).toBe(200);
}

/** Stopped when the test ends. */
async function runAlertmanager(apiUrl: string): Promise<RunningProgram> {
  const alertmanager = await startAlertmanager(dataDirectory(), `${apiUrl}/integrations/alertmanager`);
  onTestFinished(() => alertmanager.stop());
  return alertmanager;
}

await describeWithPrograms(['prometheus-alertmanager'], 'a real Alertmanager', () => {
  test(
    'what it sends opens an incident for each alert, its repetitions count once, and its end resolves it',
    { timeout: 180_000 },
    async () => {
      const { api } = await runEmbeddedServer();
      const alertmanager = await runAlertmanager(api.url);
      const down = alert('InstanceDown');
      const slow = alert('Slow', {
        labels: { alertname: 'Slow', service: 'search', component: 'index', severity: 'critical' },
      });
      await postAlerts(alertmanager.url, [down, slow]);
      await expect.poll(async () => (await api.incidents('?status=OPEN')).length, PATIENCE).toBe(2);
      const [incident] = await api.incidents('?service=shop');
      expect(incident).toMatchObject({
        status: 'OPEN',
        severity: 'CRITICAL',
        service: 'shop',
        component: '10.0.0.7:9100',
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        summary: 'InstanceDown: €, 😀 and "quotes"',
        problemCount: 1,
      });
      // It fires on, and Alertmanager says so again and again.
      await expect.poll(async () => (await api.ledger()).duplicates, PATIENCE).toBeGreaterThan(2);
      expect((await api.incidents('?service=shop'))[0]?.problemCount).toBe(1);

      await postAlerts(alertmanager.url, [{ ...down, endsAt: new Date().toISOString() }]);
      const status = async (service: string): Promise<string | undefined> =>
        (await api.incidents(`?service=${service}`))[0]?.status;
      await expect.poll(() => status('shop'), PATIENCE).toMatch(/RESOLVED|CLOSED/);
      expect(await status('search')).toBe('OPEN');
      expect(await api.ledger()).toMatchObject({ applied: 3, late: 0, deadLettered: 0 });
    },
  );

  test(
    'what it could not deliver while this server was away it delivers later',
    { timeout: 180_000 },
    async () => {
      const port = await freePort();
      const alertmanager = await runAlertmanager(`http://127.0.0.1:${port}`);
      await postAlerts(alertmanager.url, [alert('InstanceDown')]);
      const failures = async (): Promise<number> => {
        const metrics = await (await fetch(`${alertmanager.url}/metrics`)).text();
        const failed = /^alertmanager_notification_requests_failed_total\{integration="webhook"\} (\d+)/m;
        return Number(failed.exec(metrics)?.[1]);
      };
      await expect.poll(failures, PATIENCE).toBeGreaterThan(1);
      const { api } = await runEmbeddedServer({ port });
      await expect
        .poll(() => api.incidents('?status=OPEN'), PATIENCE)
        .toMatchObject([{ summary: 'InstanceDown: €, 😀 and "quotes"' }]);
    },
  );
});
