import type { SinkSource } from '@incident-streams/streams';
import { RedisConnection } from './redis-connection.ts';
import type { RedisConnectionOptions, RedisLink } from './redis-connection.ts';
import { RedisOtherPipelineError } from './redis-errors.ts';
import { RedisKeys } from './redis-keys.ts';
import { runScript } from './redis-scripts.ts';

/**
 * Notes in `meta` that the keys are this pipeline's, where they are nobody's yet.
 *
 * @throws {RedisOtherPipelineError} where they are another one's.
 */
export async function claimForPipeline(
  link: RedisLink,
  meta: string,
  { pipeline, source }: { readonly pipeline: string; readonly source: SinkSource },
): Promise<void> {
  const { topic, topicEpoch } = source;
  const [outcome, holder] = await runScript(link, 'claimPipeline', [meta], [pipeline, topic, topicEpoch]);
  if (outcome === 'OTHER') throw otherPipeline(meta, { pipeline, holder: String(holder) });
}

export interface RedisPipelineOptions extends RedisConnectionOptions {
  /** The prefix that the sink was given. */
  readonly prefix?: string;
}

/** Which pipeline the keys under the prefix belong to; undefined where none has said so. */
export async function readRedisPipeline(options: RedisPipelineOptions): Promise<string | undefined> {
  const connection = new RedisConnection(options);
  const { meta } = new RedisKeys(options.prefix);
  try {
    const holder = await connection.run({ doing: `HGET ${meta}`, key: meta }, (client) =>
      client.hget(meta, 'pipeline'),
    );
    return holder ?? undefined;
  } finally {
    connection.close();
  }
}

function otherPipeline(
  meta: string,
  { pipeline, holder }: { readonly pipeline: string; readonly holder: string },
): RedisOtherPipelineError {
  return new RedisOtherPipelineError(
    `${meta} belongs to the pipeline "${holder}", not to "${pipeline}": give one of them another redis.prefix; ` +
      `or, to take over what is there on purpose, stop "${holder}" and run redis-cli HDEL '${meta}' pipeline`,
  );
}
