import { RedisUsageError } from './redis-errors.ts';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** What a URL says: where Redis is, and who connects. */
export interface RedisTarget {
  readonly kind: 'standalone' | 'sentinel' | 'cluster';
  /** The server, or the sentinels, or some nodes of the cluster. */
  readonly nodes: readonly RedisAddress[];
  /** The name under which the sentinels know the master; empty without sentinels. */
  readonly masterName: string;
  readonly database: number;
  readonly username: string;
  readonly password: string;
  readonly isEncrypted: boolean;
}

const EXPECTED =
  'url: expected redis://[user:password@]host:port[/db], redis+sentinel://[user:password@]host:port,host:port/master[/db] ' +
  'or redis+cluster://[user:password@]host:port,host:port; rediss… instead of redis… for TLS';
const URL_PARTS = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^/]*)@)?([^/?#@]+)(?:\/([^?#]*))?$/;
const NODE = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/;
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;

/** @throws {RedisUsageError} without the text of the URL, which may hold a password. */
export function parseRedisUrl(url: string): RedisTarget {
  const [isWhole, tls, kind = 'standalone', user = '', nodes = '', path = ''] = URL_PARTS.exec(url) ?? [];
  if (isWhole === undefined) throw new RedisUsageError(EXPECTED);
  const [username = '', ...password] = user.split(':');
  const [masterName, database] = kind === 'sentinel' ? splitOnce(path, '/') : ['', path];
  const target: RedisTarget = {
    kind: kind as RedisTarget['kind'],
    nodes: nodes
      .split(',')
      .map((node) => parseAddress(node, kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT)),
    masterName: decoded(masterName),
    database: Number(database),
    username: decoded(username),
    password: decoded(password.join(':')),
    isEncrypted: tls === 's',
  };
  refuseNonsense(target);
  return target;
}

function refuseNonsense({ kind, nodes, masterName, database }: RedisTarget): void {
  if (!Number.isSafeInteger(database)) throw new RedisUsageError(EXPECTED);
  if (kind === 'standalone' && nodes.length > 1)
    throw new RedisUsageError('url: several hosts need redis+sentinel:// or redis+cluster://');
  if (kind === 'sentinel' && masterName === '')
    throw new RedisUsageError(
      'url: the name of the master is missing, as in redis+sentinel://host:port/mymaster',
    );
  if (kind === 'cluster' && database !== 0)
    throw new RedisUsageError(`url: database ${database}, but a cluster has database 0 only`);
}

/** Where it is, without the credentials: for messages and logs. */
export function describeTarget({ kind, nodes, masterName }: RedisTarget): string {
  const addresses = nodes.map(addressText).join(',');
  if (kind === 'sentinel') return `${masterName} (sentinels ${addresses})`;
  return kind === 'cluster' ? `cluster ${addresses}` : addresses;
}

export function addressText({ host, port }: RedisAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseAddress(text: string, usualPort: number): RedisAddress {
  const [isWhole, ipv6, name = '', port] = NODE.exec(text) ?? [];
  if (isWhole === undefined || Number(port ?? 0) > 65_535) throw new RedisUsageError(EXPECTED);
  return { host: ipv6 ?? name, port: port === undefined ? usualPort : Number(port) };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisUsageError(EXPECTED);
  }
}
