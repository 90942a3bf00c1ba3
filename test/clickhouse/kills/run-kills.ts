import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';
import type { ClickHouseClient } from '@clickhouse/client';
import type { SinkConnector, SinkSource } from '@incident-streams/streams';
import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { startClickHouseEngine } from '../../../cli/services/clickhouse-engine.ts';
import type { StartedClickHouseEngine } from '../../../cli/services/clickhouse-engine.ts';
import { createTransitionsSink } from '../../../connectors/clickhouse/index.ts';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';
import { mulberry32 } from '../../faults/workload.ts';
import { batchOf } from '../records.ts';
import { PARTITIONS, SINK, archiveTopology, produceTransitions, sourceRecords } from './archived-topic.ts';
import { differencesFromSource, storedRows } from './compare.ts';
import { StrikeProxy } from './strike-proxy.ts';
import type { Moment } from './strike-proxy.ts';

type Sink = SinkConnector<string, IncidentTransition>;

export interface KillsOptions {
  /** When the engine is killed, one kill after the other. */
  readonly moments: readonly Moment[];
  readonly rowsPerKill: number;
  readonly seed: number;
  /** What stands between the runtime and the sink. Default: nothing. */
  readonly around?: (sink: Sink) => Sink;
  readonly report?: (line: string) => void;
}

export interface KillsResult {
  /** What differs from the source topic; nothing where all is well. */
  readonly problems: readonly string[];
  readonly rows: number;
  /** Of the inserts that were struck, those that the engine had already taken, and that it got a second time. */
  readonly takenTwice: number;
}

/** An insert takes about as long. */
const MAX_DELAY_MS = 60;
const BACK_MS = 60_000;
const POLL_MS = 20;
/** Not what the runtime has made its batches of. */
const RESENT_BATCH_ROWS = 1_777;

/** A runtime archives a topic, and ClickHouse's process is killed, at some moment of an insert each time. */
export async function runKills(options: KillsOptions): Promise<KillsResult> {
  const folder = await mkdtemp(join(tmpdir(), 'clickhouse-kills-'));
  const engine = await startClickHouseEngine({ dataDir: join(folder, 'engine') });
  if ('unavailable' in engine) throw new Error(engine.unavailable);
  const proxy = await StrikeProxy.start(engine, 'transition_log');
  const client = createClient({ url: engine.url, ...engine.writer, database: engine.database });
  try {
    return await new Kills(options, { engine, proxy, client }).run(join(folder, 'runtime'));
  } finally {
    await client.close();
    proxy.close();
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Parts {
  readonly engine: StartedClickHouseEngine;
  readonly proxy: StrikeProxy;
  /** To the engine itself, past the proxy. */
  readonly client: ClickHouseClient;
}

class Kills {
  readonly #options: KillsOptions;
  readonly #parts: Parts;
  #source: SinkSource | undefined;

  constructor(options: KillsOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  async run(directory: string): Promise<KillsResult> {
    const { around = (sink) => sink } = this.#options;
    const sink = this.#remembersSource(around(this.#makeSink(this.#parts.proxy.url)));
    const runtime = EmbeddedRuntime.open({
      topology: archiveTopology(),
      directory,
      partitions: PARTITIONS,
      sinks: { [SINK]: sink },
    });
    try {
      runtime.start();
      const takenTwice = await this.#killWhile(runtime);
      await runtime.whenSinksCaughtUp();
      const rows = this.#options.moments.length * this.#options.rowsPerKill;
      return { problems: await this.#check(runtime, rows), rows, takenTwice };
    } finally {
      await runtime.close();
    }
  }

  async #killWhile(runtime: EmbeddedRuntime): Promise<number> {
    const { moments, rowsPerKill, seed, report } = this.#options;
    const { engine, proxy } = this.#parts;
    const random = mulberry32(seed);
    let takenTwice = 0;
    for (const [index, moment] of moments.entries()) {
      const processId = engine.processId();
      const delayMs = Math.floor(random() * MAX_DELAY_MS);
      const struck = proxy.strike({ moment, delayMs, kill: () => process.kill(processId, 'SIGKILL') });
      await produceTransitions(runtime, index * rowsPerKill, rowsPerKill);
      const { taken } = await struck;
      if (taken) takenTwice++;
      report?.(`killed ${moment} an insert, which was ${taken ? '' : 'not '}answered`);
      await until(() => engine.processId() !== processId);
    }
    return takenTwice;
  }

  /** Now, after everything has come again, after all has been merged, and after it has then come again. */
  async #check(runtime: EmbeddedRuntime, rows: number): Promise<string[]> {
    const { client } = this.#parts;
    const problems: string[] = [];
    const compare = async (when: string): Promise<void> => {
      const found = await differencesFromSource(runtime, client);
      problems.push(...found.map((problem) => `${when}: ${problem}`));
    };
    const merge = async (): Promise<void> => {
      await client.command({ query: 'OPTIMIZE TABLE transition_log FINAL' });
      const stored = await storedRows(client);
      if (stored !== rows) problems.push(`merged: the table holds ${stored} rows for ${rows} records`);
    };
    await compare('after the kills');
    await this.#sendAgain(runtime);
    await compare('sent again');
    await merge();
    await compare('merged');
    await this.#sendAgain(runtime);
    await compare('sent again after the merge');
    await merge();
    return problems;
  }

  async #sendAgain(runtime: EmbeddedRuntime): Promise<void> {
    if (this.#source === undefined) throw new Error('the sink was never opened');
    const sink = this.#makeSink(this.#parts.engine.url);
    await sink.open(this.#source);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const records = sourceRecords(runtime, partition);
      for (let start = 0; start < records.length; start += RESENT_BATCH_ROWS) {
        const values = records.slice(start, start + RESENT_BATCH_ROWS).map(({ transition }) => transition);
        await sink.write(
          batchOf(this.#source, values, { partition, firstOffset: records[start]?.offset ?? 0 }),
        );
      }
    }
    await sink.close();
  }

  #makeSink(url: string): Sink {
    return createTransitionsSink({ url, ...this.#parts.engine.writer });
  }

  #remembersSource(sink: Sink): Sink {
    return {
      open: (source) => {
        this.#source = source;
        return sink.open(source);
      },
      appliedOffset: (partition) => sink.appliedOffset(partition),
      write: (batch) => sink.write(batch),
      ...(sink.maxBatchRecords === undefined ? {} : { maxBatchRecords: sink.maxBatchRecords }),
      close: () => sink.close(),
    };
  }
}

async function until(holds: () => boolean): Promise<void> {
  const giveUpAtMs = Date.now() + BACK_MS;
  while (!holds()) {
    if (Date.now() > giveUpAtMs) throw new Error('the engine did not come back');
    await sleep(POLL_MS);
  }
}
