import { RedisConnection } from '../../../../connectors/redis/redis-connection.ts';
import { RedisKeys } from '../../../../connectors/redis/redis-keys.ts';
import { readSinkPositions } from '@incident-streams/streams/kafka';
import { SINKS, TOPICS } from '../../../../topology/topics.ts';
import { redisOf } from '../../../run/outside-systems.ts';
import { CannotCheckError } from '../../errors.ts';
import { switchedOff } from '../../finding.ts';
import type { Finding } from '../../finding.ts';
import type { VerifyParts } from '../../verify-parts.ts';
import { checkAlerts } from './check-alerts.ts';
import { checkIncidents } from './check-incidents.ts';
import { RedisPartition } from './redis-partition.ts';
import { whenApplied } from './when-applied.ts';

/** Redis, at the mark of each partition, against what follows from the transitions up to there. */
export async function checkRedis(parts: VerifyParts): Promise<Finding[]> {
  const options = redisOf(parts.sources.config);
  if (options === undefined) return [switchedOff('redis', 'redis.url is not set')];
  const finders = { incidents: parts.finder('redis', 'incidents'), alerts: parts.finder('redis', 'alerts') };
  const seen = { incidents: 0, alerts: 0 };
  const keys = new RedisKeys(options.prefix);
  const connection = new RedisConnection(options);
  try {
    const topicEpoch = await epochOf(parts);
    const { partitions } = parts.topic(TOPICS.transitions);
    for (let partition = 0; partition < partitions; partition++) {
      const redis = new RedisPartition(connection, keys.partition(partition));
      const target = { partition, topicEpoch };
      const applied = await whenApplied(parts, redis, { ...target, finders: Object.values(finders) });
      if (applied === undefined) continue;
      seen.incidents += await checkIncidents(parts, redis, { ...target, finder: finders.incidents });
      seen.alerts += await checkAlerts(parts, redis, { ...target, mark: applied, finder: finders.alerts });
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    for (const finder of Object.values(finders)) finder.couldNotCheck(error.message);
  } finally {
    connection.close();
  }
  return [
    finders.incidents.finish(`${seen.incidents} incidents, open sets, counters`),
    finders.alerts.finish(`${seen.alerts} alerts in the streams`),
  ];
}

async function epochOf(parts: VerifyParts): Promise<number> {
  const { cluster, config, limits } = parts.sources;
  const positions = await readSinkPositions({
    cluster,
    applicationId: config.applicationId,
    connector: SINKS.redis,
    facts: parts.topic(TOPICS.transitions),
    until: AbortSignal.timeout(limits.timeoutMs),
  });
  if (positions !== undefined) return positions.topicEpoch;
  throw new CannotCheckError(
    `the sink ${SINKS.redis} has never run on ${parts.topic(TOPICS.transitions).name}`,
  );
}
