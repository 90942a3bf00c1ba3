import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import type { PartReadiness } from '../../../connectors/http/index.ts';
import { startProgram } from '../../main-job/support/demo-process.ts';
import type { DemoProcess } from '../../main-job/support/demo-process.ts';

const CLI = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

export interface RunReadiness {
  readonly ready: boolean;
  readonly parts: readonly PartReadiness[];
}

/** A process of `incidents run`. It does not outlive its test. */
export interface RunProcess extends DemoProcess {
  readonly get: (path: string) => Promise<Response>;
  readonly readiness: () => Promise<RunReadiness>;
  readonly whenReady: () => Promise<void>;
  /** The sum of a metric over all its labels that match. */
  readonly metric: (name: string, labels?: string) => Promise<number>;
  /** The URL of the HTTP API, once it listens. */
  readonly api: () => Promise<string>;
  /** The log's lines so far. */
  readonly log: () => readonly Record<string, unknown>[];
  /** Sends the signal; resolves with how it ended and after how long. */
  readonly stop: (signal: NodeJS.Signals) => Promise<{ readonly how: number | string; readonly ms: number }>;
}

export function startRun(
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): RunProcess {
  const child = startProgram([CLI, 'run', ...args], {
    INCIDENTS_HTTP_PORT: '0',
    INCIDENTS_MONITORING_PORT: '0',
    ...environment,
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child.ended;
  });
  const monitoring = child.printed(/"monitoring":"(http:[^"]+)"/).then(([, url]) => url ?? '');
  monitoring.catch(() => undefined);
  const get = async (path: string): Promise<Response> => fetch((await monitoring) + path);
  const readiness = async (): Promise<RunReadiness> => {
    try {
      return (await (await get('/readyz')).json()) as RunReadiness;
    } catch (cause) {
      throw new Error(`no answer:\n${child.stdout().slice(-4_000)}${child.stderr()}`, { cause });
    }
  };
  return {
    ...child,
    get,
    readiness,
    whenReady: () =>
      eventually(async () => {
        const { ready, parts } = await readiness();
        if (!ready) throw new Error(`not ready: ${JSON.stringify(parts)}\n${child.stdout().slice(-4_000)}`);
      }),
    metric: async (name, labels = '') => {
      const lines = (await (await get('/metrics')).text()).split('\n');
      return lines
        .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
        .filter((line) => line.includes(labels))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
    api: async () => (await child.printed(/"api":"(http:[^"]+)"/))[1] ?? '',
    log: () =>
      child
        .stdout()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    stop: async (signal) => {
      const startedAt = performance.now();
      child.kill(signal);
      return { how: await child.ended, ms: performance.now() - startedAt };
    },
  };
}

/** Patient, for machines that have much else to do. */
export function eventually<T>(assertions: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertions, { timeout: 90_000, interval: 100 });
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'incidents-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Rules under which things happen within seconds. */
export function rulesFile(changes: { readonly graceMs: number; readonly windowMs: number }): string {
  const file = join(temporaryFolder(), 'rules.json');
  const rules = {
    limits: {
      graceMs: changes.graceMs,
      dedupeWithinMs: 3_600_000,
      maxAheadMs: 300_000,
      minTime: '2000-01-01T00:00:00Z',
    },
    rules: [
      {
        id: 'seconds',
        version: 1,
        windowMs: changes.windowMs,
        openWhen: { problemCount: 3 },
        openImmediatelyAt: 'CRITICAL',
        pendingMs: 60_000,
        holdMs: 60_000,
        quietMs: null,
        ackExpiryMs: null,
        reopenMs: 60_000,
        retentionMs: 86_400_000,
      },
    ],
  };
  writeFileSync(file, JSON.stringify(rules));
  return file;
}
