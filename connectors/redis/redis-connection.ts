import type { Redis } from 'ioredis';
import { ClusterConnection } from './cluster-connection.ts';
import { NodeConnection } from './node-connection.ts';
import { settingsOf } from './redis-client.ts';
import type { RedisConnectionOptions } from './redis-client.ts';
import type { RedisCall, RedisLink, Scripts } from './redis-link.ts';
import { describeTarget } from './redis-url.ts';

export type { RedisConnectionOptions } from './redis-client.ts';
export type { RedisCall, RedisLink, Scripts } from './redis-link.ts';

/**
 * Redis, wherever it runs: one server, the master that sentinels name, or a cluster. It reconnects by itself and never
 * queues: a call is either sent on a live connection or rejects in bounded time.
 */
export class RedisConnection implements RedisLink {
  /** Whether keys may lie on different nodes. */
  readonly spansNodes: boolean;
  readonly #link: RedisLink;

  /** @throws {RedisUsageError} for options that cannot work. */
  constructor(options: RedisConnectionOptions, scripts: Scripts = {}) {
    const settings = settingsOf(options);
    const { target } = settings;
    const [node = { host: '', port: 0 }] = target.nodes;
    this.spansNodes = target.kind === 'cluster';
    this.#link =
      target.kind === 'cluster'
        ? new ClusterConnection(settings, scripts)
        : new NodeConnection({ settings, node, scripts, place: describeTarget(target) });
  }

  run<T>(call: RedisCall, work: (client: Redis) => Promise<T>): Promise<T> {
    return this.#link.run(call, work);
  }

  close(): void {
    this.#link.close();
  }
}
