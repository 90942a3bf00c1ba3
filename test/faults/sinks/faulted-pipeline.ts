import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from '../../../stack/native/free-port.ts';
import { startRedis } from '../../../stack/native/redis.ts';
import { startRun } from '../../run/support/run-process.ts';
import type { RunProcess } from '../../run/support/run-process.ts';
import { Upstream, isolated, problem } from '../../run/support/upstream.ts';
import type { ServiceUrls } from '../../run/support/upstream.ts';
import { startOutageProxy } from './outage-proxy.ts';
import type { OutageProxy } from './outage-proxy.ts';

export type Urls = ServiceUrls & { readonly clickhouse: string };

/** Everything of one problem opens an incident at once; half of the incidents end within seconds. */
const RULES = {
  limits: { graceMs: 500, dedupeWithinMs: 3_600_000, maxAheadMs: 300_000, minTime: '2000-01-01T00:00:00Z' },
  rules: [
    {
      id: 'at-once',
      version: 1,
      windowMs: 1_000,
      openWhen: { problemCount: 3 },
      openImmediatelyAt: 'CRITICAL',
      pendingMs: 60_000,
      holdMs: 500,
      quietMs: null,
      ackExpiryMs: null,
      reopenMs: 500,
      retentionMs: 1_000,
    },
  ],
};

/** A Redis that comes back at the same place, with what it had on disk. */
export interface ReturningRedis {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** The whole pipeline in a process, with a Redis of its own and a way to ClickHouse that can be cut. */
export class FaultedPipeline {
  readonly prefix: string;
  readonly applicationId: string;
  readonly redis: ReturningRedis;
  readonly clickhouse: OutageProxy;
  readonly #urls: Urls;
  readonly #environment: Readonly<Record<string, string>>;
  #process: RunProcess | undefined;
  #upstream: Upstream | undefined;
  #sent = 0;

  private constructor(
    urls: Urls,
    { folder, redis, clickhouse }: { folder: string; redis: ReturningRedis; clickhouse: OutageProxy },
  ) {
    const { prefix, environment } = isolated(urls);
    this.prefix = prefix;
    this.applicationId = environment.INCIDENTS_APPLICATION_ID ?? '';
    this.redis = redis;
    this.clickhouse = clickhouse;
    this.#urls = urls;
    const rulesFile = join(folder, 'rules.json');
    writeFileSync(rulesFile, JSON.stringify(RULES));
    const clickhouseUrl = new URL(urls.clickhouse);
    clickhouseUrl.port = String(clickhouse.port);
    this.#environment = {
      ...environment,
      INCIDENTS_REDIS_URL: redis.url,
      INCIDENTS_CLICKHOUSE_URL: clickhouseUrl.href,
      INCIDENTS_CLICKHOUSE_DATABASE: this.database,
      INCIDENTS_TOPICS_PARTITIONS: '3',
      INCIDENTS_TOPICS_EVENTS_PARTITIONS: '3',
      INCIDENTS_RULES_FILE: rulesFile,
    };
  }

  static async start(urls: Urls): Promise<FaultedPipeline> {
    const folder = await mkdtemp(join(tmpdir(), 'incident-sink-faults-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const redis = await startReturningRedis(join(folder, 'redis'));
    const clickhouse = await startOutageProxy({
      hostname: new URL(urls.clickhouse).hostname,
      port: Number(new URL(urls.clickhouse).port),
    });
    onTestFinished(() => clickhouse.close());
    const pipeline = new FaultedPipeline(urls, { folder, redis, clickhouse });
    await pipeline.startProcess();
    return pipeline;
  }

  get process(): RunProcess {
    if (this.#process === undefined) throw new Error('the pipeline was not started');
    return this.#process;
  }

  get database(): string {
    return this.prefix.replaceAll(/\W/g, '_');
  }

  async startProcess(): Promise<void> {
    this.#process = startRun(this.#environment);
    await this.#process.whenReady();
  }

  /** So many problems, each of a component of its own, and the recovery of every second one. */
  async send(problems: number): Promise<void> {
    this.#upstream ??= await Upstream.connect(this.#urls, this.prefix);
    const events = Array.from({ length: problems }, () => {
      const id = `${this.#sent++}`;
      const about = { component: `c${id}`, service: `s${this.#sent % 7}` };
      const start = problem({ id: `problem-${id}`, ...about, severity: 'CRITICAL' });
      if (this.#sent % 2 === 0) return [start];
      const over = { id: `recovery-${id}`, kind: 'RECOVERY', summary: 'it is up again' } as const;
      return [start, problem({ ...over, ...about, time: start.time + 1 })];
    });
    await this.#upstream.send(events.flat());
  }

  /** Records that the sink has not delivered yet. */
  lag(sink: string): Promise<number> {
    return this.process.metric('incidents_sink_records_lag', `sink="${sink}"`);
  }

  /** What `/readyz` says of a part. */
  async part(name: string): Promise<{ readonly state: string; readonly reason: string | null } | undefined> {
    return (await this.process.readiness()).parts.find((part) => part.name === name);
  }
}

async function startReturningRedis(folder: string): Promise<ReturningRedis> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const start = () => startRedis(folder, { port, keepsData: true });
  let running = await start();
  onTestFinished(() => running.stop());
  return {
    url: running.url,
    kill: () => running.kill(),
    start: async () => {
      running = await start();
    },
  };
}
