import type { Redis } from 'ioredis';

/** Scripts by the name that they are called by. */
export type Scripts = Readonly<Record<string, { readonly lua: string }>>;

/** One call to Redis. */
export interface RedisCall {
  /** Command and key, or what it is for: it opens the message of whatever goes wrong. */
  readonly doing: string;
  /** A key that the call touches: in a cluster it goes to the node that holds this one. */
  readonly key: string;
}

export interface RedisLink {
  /**
   * Sends one command on a live connection. `work` sends it before it first awaits anything; where a node of a cluster
   * refuses it and names another one, `work` is called again. Otherwise nothing is ever sent twice.
   *
   * @throws {RedisUnavailableError} once `timeoutMs` have passed without a connection, or without an answer.
   */
  run<T>(call: RedisCall, work: (client: Redis) => Promise<T>): Promise<T>;
  close(): void;
}
