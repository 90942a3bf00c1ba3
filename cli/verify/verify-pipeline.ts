import type { LogRecord } from '@incident-streams/streams';
import type { KafkaCluster } from '@incident-streams/streams/kafka';
import { connectKafka } from '../../connectors/kafka/index.ts';
import { openConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import type { ConfluentRegistry } from '../../connectors/schema-registry/index.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { incidentTopology } from '../../topology/incident-topology.ts';
import type { RuleSet } from '../../topology/rules/rule.ts';
import { TOPICS } from '../../topology/topics.ts';
import type { RunConfig } from '../run/config/config-schema.ts';
import { kafkaConnectionOf } from '../run/kafka-connection.ts';
import { schemaSubjects } from '../run/schema-subjects.ts';
import { checkClickHouse } from './checks/clickhouse/check-clickhouse.ts';
import { checkLedger } from './checks/ledger.ts';
import { checkRedis } from './checks/redis/check-redis.ts';
import { checkState } from './checks/state.ts';
import { checkStores } from './checks/stores.ts';
import { checkTransitions } from './checks/transitions.ts';
import { CannotCheckError } from './errors.ts';
import { Finder } from './finding.ts';
import type { CheckName, Finding } from './finding.ts';
import { TopicReader } from './reading/topic-reader.ts';
import { within } from './reading/within.ts';
import { VerifyParts } from './verify-parts.ts';
import type { VerifyLimits, VerifySources } from './verify-parts.ts';

export interface VerifyOptions {
  readonly config: RunConfig;
  readonly ruleSet: RuleSet;
  readonly only: readonly CheckName[];
  readonly limits: VerifyLimits;
}

const RUN: Readonly<Record<CheckName, (parts: VerifyParts) => Promise<readonly Finding[]>>> = {
  transitions: checkTransitions,
  state: checkState,
  stores: checkStores,
  redis: checkRedis,
  clickhouse: checkClickHouse,
  ledger: checkLedger,
};

/**
 * Runs the checks one after the other, and writes nothing anywhere. What cannot be compared, since a service is away
 * say, becomes the finding of its check.
 */
export async function verifyPipeline({ config, ruleSet, only, limits }: VerifyOptions): Promise<Finding[]> {
  const { timeoutMs } = limits;
  const cleanUp = new AsyncDisposableStack();
  try {
    const cluster = connectKafka({ ...kafkaConnectionOf(config), giveUpAfterMs: timeoutMs });
    cleanUp.defer(() => cluster.close());
    const reader = new TopicReader(cluster, timeoutMs);
    cleanUp.defer(() => reader.close());
    const topics = await describeTopics(cluster, config);
    const registry = await openRegistry(config, timeoutMs);
    cleanUp.defer(() => registry.close());
    const serdes = createSerdes(registry);
    const declared = incidentTopology(ruleSet, serdes);
    const beforeDecode = (records: readonly LogRecord[]): Promise<void> | undefined => {
      const learning = registry.beforeDecode(records);
      return learning && within(learning, timeoutMs, 'the schema registry does not answer');
    };
    const base = { config, ruleSet, limits, cluster, reader, serdes, declared, topics, beforeDecode };
    return await runAll(only, base);
  } catch (error) {
    return only.map((check) => notChecked(check, error));
  } finally {
    await cleanUp.disposeAsync();
  }
}

async function runAll(only: readonly CheckName[], sources: VerifySources): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of only) {
    try {
      findings.push(...(await RUN[check](new VerifyParts(sources))));
    } catch (error) {
      findings.push(notChecked(check, error));
    }
  }
  return findings;
}

function notChecked(check: CheckName, error: unknown): Finding {
  const finder = new Finder(check, { maxShown: 0 });
  const reason = error instanceof Error ? error.message || error.name : String(error);
  const isExpected = error instanceof CannotCheckError || (error instanceof Error && 'code' in error);
  finder.couldNotCheck(isExpected ? reason : `an error that nobody expected: ${reason}`);
  return finder.finish('');
}

async function describeTopics(cluster: KafkaCluster, { topics: { prefix } }: RunConfig) {
  const names = Object.values(TOPICS);
  const found = await cluster.admin.describeTopics(names.map((name) => prefix + name));
  return new Map(
    names.flatMap((name) => {
      const facts = found.get(prefix + name);
      return facts === undefined ? [] : [[name, facts] as const];
    }),
  );
}

async function openRegistry(
  { registry: { url, username, password, timeoutMs }, topics }: RunConfig,
  giveUpAfterMs: number,
): Promise<ConfluentRegistry> {
  let failure = 'it does not answer';
  try {
    return await openConfluentRegistry({
      url,
      timeoutMs,
      subjects: schemaSubjects(topics.prefix),
      register: false,
      signal: AbortSignal.timeout(giveUpAfterMs),
      onRetry: (reason) => (failure = reason),
      ...(username === undefined ? {} : { auth: { username, password: password ?? '' } }),
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') throw error;
    throw new CannotCheckError(`the schema registry: ${failure}`, { cause: error });
  }
}
