import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreRecovery } from '@incident-streams/streams';
import { Kafka, logLevel } from 'kafkajs';
import { createTopic } from '../services/kafka/create-topic.ts';
import { BrokerView } from './broker-view.ts';
import type { OpenTransaction } from './broker-view.ts';
import { openEndProblems } from './check-progress.ts';
import { check } from './check.ts';
import type { CheckResult } from './check.ts';
import { committedRecords } from './committed-records.ts';
import { REPARTITION, faultTopics } from './fault-topology.ts';
import type { FaultTopics } from './fault-topology.ts';
import { feed } from './feed.ts';
import type { FaultEvent } from './workload.ts';
import { WorkerProcess } from './worker-process.ts';
import { WORKLOAD } from './workload.ts';

export interface FleetOptions {
  readonly brokers: readonly string[];
  /** Where workers connect to; default: the brokers. */
  readonly workerBrokers?: readonly string[];
  /** Names the application and, with more behind it, its topics. */
  readonly applicationId: string;
  readonly sessionTimeoutMs?: number;
  /** How what was seen is got back. Default `input`: by reading it again. */
  readonly dedupeRecovery?: StoreRecovery;
  /** Default `exactly-once`. */
  readonly guarantee?: 'exactly-once' | 'at-least-once';
  readonly replicationFactor?: number;
}

/** Longer than any test waits for its transactions to be gone: a time-out must not hide one that was left open. */
const TRANSACTION_TIMEOUT_MS = 60_000;
const ASK_AGAIN_MS = 200;
/** Behind the last record there lie markers of transactions; only so few offsets are looked at one by one. */
const READ_UP_TO = 200;

/** One application on one cluster: its inbox, the workers that run it, and the check of what came of it. */
export class Fleet {
  readonly topics: FaultTopics;
  readonly kafka: Kafka;
  readonly view: BrokerView;
  readonly workers: WorkerProcess[] = [];
  readonly #options: FleetOptions;
  readonly #folder: string;

  /** @param folder for what workers keep. */
  private constructor(options: FleetOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.topics = faultTopics(options.applicationId);
    this.kafka = new Kafka({
      clientId: 'fault-feed',
      brokers: [...options.brokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 3 },
    });
    this.view = new BrokerView(options.brokers);
  }

  /** Creates the inbox; no worker runs yet. */
  static async prepare(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options, await mkdtemp(join(tmpdir(), 'incident-faults-')));
    const admin = fleet.kafka.admin();
    await admin.connect();
    await createTopic(admin, fleet.topics.inbox, {
      partitions: WORKLOAD.partitions,
      ...(options.replicationFactor === undefined ? {} : { replicationFactor: options.replicationFactor }),
      configs: { 'retention.ms': '-1' },
    });
    await admin.disconnect();
    return fleet;
  }

  /**
   * A process that has not joined the group yet.
   * @param after whose state directory it finds, where it takes the place of one that has ended.
   */
  async spawnWorker(after?: WorkerProcess): Promise<WorkerProcess> {
    const name = `worker-${this.workers.length + 1}`;
    const stateDirectory = after?.stateDirectory ?? join(this.#folder, name);
    await mkdir(stateDirectory, { recursive: true });
    const { brokers, workerBrokers = brokers, applicationId, sessionTimeoutMs = 6_000 } = this.#options;
    const worker = new WorkerProcess(name, {
      brokers: workerBrokers,
      applicationId,
      topics: this.topics,
      stateDirectory,
      dedupeRecovery: this.#options.dedupeRecovery ?? 'input',
      guarantee: this.#options.guarantee ?? 'exactly-once',
      replicationFactor: this.#options.replicationFactor ?? 1,
      sessionTimeoutMs,
      transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
    });
    this.workers.push(worker);
    await worker.next('ready');
    return worker;
  }

  async startWorker(after?: WorkerProcess): Promise<WorkerProcess> {
    const worker = await this.spawnWorker(after);
    await worker.start();
    return worker;
  }

  /** @param overMs how long the events take to come. */
  feed(events: readonly FaultEvent[], overMs: number): Promise<void> {
    return feed({ kafka: this.kafka, topic: this.topics.inbox, events, overMs });
  }

  /** How many records of the inbox the group has committed. */
  async progress(): Promise<number> {
    const committed = await this.view.committed(this.#options.applicationId, this.topics.inbox);
    return committed.reduce((sum, offset) => sum + Math.max(offset, 0), 0);
  }

  openTransactions(): Promise<OpenTransaction[]> {
    return this.view.openTransactions(this.#options.applicationId);
  }

  /** Waits until the group has committed so many records of the inbox. */
  async whenProcessed(records: number, limitMs = 60_000): Promise<void> {
    const until = Date.now() + limitMs;
    for (let last = 0; last < records; last = await this.progress().catch(() => last)) {
      if (Date.now() > until)
        throw new Error(`${last} instead of ${records} records processed within ${limitMs} ms`);
      await sleep(ASK_AGAIN_MS);
    }
  }

  /** Waits until the group has committed the end of all its input; throws with what is left where it does not. */
  async whenDrained(limitMs: number): Promise<void> {
    const until = Date.now() + limitMs;
    for (;;) {
      const left = await this.#lag().catch((error: unknown) => [String(error)]);
      if (left.length === 0) return;
      if (Date.now() > until) throw new Error(`not processed within ${limitMs} ms: ${left.join('; ')}`);
      await sleep(ASK_AGAIN_MS);
    }
  }

  /** @param workers those that are in the group. */
  async check(workers: readonly WorkerProcess[]): Promise<CheckResult> {
    const dumps = [];
    for (const worker of workers) dumps.push(await worker.dump());
    const result = await check({
      view: this.view,
      applicationId: this.#options.applicationId,
      topics: this.topics,
      dumps,
    });
    if (result.problems.length > 0)
      result.problems.push(`what the workers said lies in ${await this.saveJournals()}`);
    return result;
  }

  /** Writes what every worker has said to a file, in the order of time; returns where. */
  async saveJournals(): Promise<string> {
    const file = join(tmpdir(), `${this.#options.applicationId}.journal`);
    const lines = this.workers.flatMap(({ journal }) => journal).sort();
    await writeFile(file, `${lines.join('\n')}\n`);
    return file;
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await this.view.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #lag(): Promise<string[]> {
    const { applicationId } = this.#options;
    const left: string[] = [];
    for (const topic of [this.topics.inbox, `${applicationId}-${REPARTITION}`]) {
      const committed = await this.view.committed(applicationId, topic);
      const offsets = await this.view.offsets(topic);
      const behind = offsets.map(
        ({ highWatermark }, partition) => highWatermark - (committed[partition] ?? 0),
      );
      const most = Math.max(...behind);
      if (most > READ_UP_TO || openEndProblems(topic, offsets).length > 0)
        left.push(`${topic}: up to ${most}`);
      else {
        const records = await committedRecords(this.view, topic, committed);
        if (records.length > 0) left.push(`${topic}: ${records.length}`);
      }
    }
    return left;
  }
}
