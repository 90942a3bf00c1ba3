import type { SinkConnector } from '@incident-streams/streams';
import { uniqueName } from '../../../services/describe-with.ts';
import type { EngineForTests } from '../../../clickhouse/engine-for-tests.ts';
import { startGate } from '../gate.ts';
import type { SinkHarness } from '../sink-harness.ts';

export interface ClickHouseTable<K, V> {
  readonly topic: string;
  /** The table that the sink fills. */
  readonly table: string;
  readonly create: (options: ClickHouseOptions) => SinkConnector<K, V>;
  readonly record: (n: number) => { readonly key: K; readonly value: V };
}

interface ClickHouseOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

/** A sink of ClickHouse, each time of a topic of its own: the tables are shared. */
export function clickHouseHarness<K, V>(
  clickhouse: EngineForTests,
  { topic, table, create, record }: ClickHouseTable<K, V>,
): SinkHarness<K, V> {
  return {
    topic,
    record,
    marks: false,
    can: { tell: false, goAway: true, crash: true, lose: false },
    async start() {
      const own = uniqueName(topic);
      const { hostname, port } = new URL(clickhouse.engine.url);
      const gate = await startGate({ host: hostname, port: Number(port) });
      return {
        connector: ({ impatient }) =>
          onTopic(
            own,
            create({
              ...clickhouse.connection,
              url: `http://${gate.host}:${gate.port}`,
              ...(impatient ? { connectTimeoutMs: 1_000, requestTimeoutMs: 1_000 } : {}),
            }),
          ),
        content: (source) =>
          clickhouse.rows(
            `SELECT * EXCEPT (inserted_at, topic) FROM {table:Identifier} FINAL
             WHERE topic = {own:String} AND toUnixTimestamp64Milli(topic_epoch) = {epoch:Int64}
             ORDER BY topic_partition, topic_offset`,
            { table, own, epoch: source.topicEpoch },
          ),
        goAway: (how) => gate.shut(how),
        comeBack: () => gate.open(),
        crash: () => crash(clickhouse),
        [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose](),
      };
    },
  };
}

/** The same connector, for a topic of another name. */
function onTopic<K, V>(topic: string, connector: SinkConnector<K, V>): SinkConnector<K, V> {
  return {
    maxBatchRecords: connector.maxBatchRecords ?? 5_000,
    open: (source) => connector.open({ ...source, topic }),
    appliedOffset: (partition) => connector.appliedOffset(partition),
    write: (batch) => connector.write({ ...batch, topic }),
    close: () => connector.close(),
  };
}

/** Kills the engine. It is started again at the same URL. */
async function crash({ engine, reader }: EngineForTests): Promise<void> {
  const killed = engine.processId();
  process.kill(killed, 'SIGKILL');
  const deadlineMs = performance.now() + 60_000;
  for (;;) {
    const answer = engine.processId() === killed ? { success: false } : await reader.ping();
    if (answer.success) return;
    if (performance.now() > deadlineMs) throw new Error('the engine has not come back');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
