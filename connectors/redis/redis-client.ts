import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { RedisUsageError } from './redis-errors.ts';
import type { RedisPeer } from './redis-errors.ts';
import { parseRedisUrl } from './redis-url.ts';
import type { RedisAddress, RedisTarget } from './redis-url.ts';

export interface RedisConnectionOptions {
  /**
   * `redis://[user:password@]host:port[/db]`, or through sentinels
   * `redis+sentinel://[user:password@]host:port,host:port/<name of the master>[/db]`, or a cluster, of which some nodes
   * are enough, `redis+cluster://[user:password@]host:port,host:port`. `rediss…` instead of `redis…` encrypts.
   */
  readonly url: string;
  /** How long a call waits for a connection, and then for the answer, before it rejects. Default 5000. */
  readonly timeoutMs?: number;
  /** For `rediss…`: whom to trust, and who this client is. Default: Node's authorities, no certificate. */
  readonly tls?: RedisTlsOptions;
  /** Who logs in at the sentinels, which have users of their own. Default: nobody does. */
  readonly sentinel?: RedisLogin;
}

/** PEM texts. */
export interface RedisTlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that certificates are checked against, where it is not the host's. */
  readonly servername?: string;
}

export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
}

/** The options of a connection, read and checked. */
export interface RedisSettings extends RedisConnectionOptions {
  readonly target: RedisTarget;
  readonly timeoutMs: number;
}

/** @throws {RedisUsageError} for a URL that is none, and for options that do not fit it. */
export function settingsOf(options: RedisConnectionOptions): RedisSettings {
  const target = parseRedisUrl(options.url);
  if (options.tls !== undefined && !target.isEncrypted)
    throw new RedisUsageError('tls is given, but the url begins with redis: rediss encrypts');
  if (options.sentinel !== undefined && target.kind !== 'sentinel')
    throw new RedisUsageError('sentinel is given, but the url does not begin with redis+sentinel://');
  return { ...options, target, timeoutMs: options.timeoutMs ?? 5_000 };
}

/** @param place Where Redis is, as messages call it. */
export function peerOf({ target, sentinel }: RedisSettings, place: string): RedisPeer {
  return { place, login: loginText(target), sentinelLogin: `(at a sentinel ${loginText(sentinel ?? {})})` };
}

function loginText({ username, password }: RedisLogin): string {
  if (password === undefined || password === '') return 'without a password';
  return `as user "${username === undefined || username === '' ? 'default' : username}"`;
}

/** Replies keep the shape they have in ioredis' own types. */
type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** A client that is not connected yet: of one node, or of the master that the sentinels name. */
export function newRedisClient(settings: RedisSettings, node: RedisAddress, more: ClientOptions): Redis {
  const { target, timeoutMs } = settings;
  const options: ClientOptions = {
    ...(target.kind === 'sentinel' ? throughSentinels(settings) : { host: node.host, port: node.port }),
    ...(target.isEncrypted ? { tls: { ...settings.tls } } : {}),
    ...(target.password === '' ? {} : { username: target.username, password: target.password }),
    db: target.database,
    lazyConnect: true,
    // Replies keep one shape on every server.
    protocol: 2,
    // CLIENT SETINFO would need a right of its own.
    disableClientInfo: true,
    enableOfflineQueue: false,
    // Whoever sent a command decides whether to send it again.
    autoResendUnfulfilledCommands: false,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    ...more,
  };
  const client = new Redis(options);
  client.setMaxListeners(0);
  return client;
}

function throughSentinels({ target, tls, sentinel, timeoutMs }: RedisSettings): ClientOptions {
  return {
    sentinels: target.nodes.map(({ host, port }) => ({ host, port })),
    name: target.masterName,
    role: 'master',
    sentinelCommandTimeout: timeoutMs,
    ...(sentinel?.username === undefined ? {} : { sentinelUsername: sentinel.username }),
    ...(sentinel?.password === undefined ? {} : { sentinelPassword: sentinel.password }),
    ...(target.isEncrypted ? { enableTLSForSentinelMode: true, sentinelTLS: { ...tls } } : {}),
  };
}
