import { isLoopback } from '../../../connectors/http/index.ts';
import { WebhookTargetError, checkWebhookTarget } from '../../../connectors/webhook/index.ts';
import { parseRedisUrl } from '../../../connectors/redis/redis-url.ts';
import { webhookOptionsOf } from '../webhook-options.ts';
import type { RunConfig } from './config-schema.ts';
import { keyAt, variablesInWords } from './keys.ts';

/** What each key allows by itself and what does not go together. */
export function contradictionsIn(config: RunConfig): string[] {
  return [missingServices, tls, sasl, redis, ports, strangers, webhooks].flatMap((check) => check(config));
}

function missingServices({ role, redis, clickhouse, webhooks }: RunConfig): string[] {
  if (redis.url !== undefined) return [];
  if (role === 'all' || role === 'api')
    return [`${missing('redis', 'url')}: the role ${role} needs it, for the HTTP API answers from Redis`];
  if (role === 'sinks' && clickhouse.url === undefined && Object.keys(webhooks).length === 0)
    return [
      'redis.url and clickhouse.url are missing, and there are no webhooks: the role sinks has nothing to write to. ' +
        `Set ${variables('redis', 'url')}, or ${variables('clickhouse', 'url')}, or ${variables('webhooks')}`,
    ];
  return [];
}

function missing(...path: readonly string[]): string {
  return `${path.join('.')} is missing (set it in the configuration file or by ${variables(...path)})`;
}

function variables(...path: readonly string[]): string {
  const key = keyAt(path);
  return key === undefined ? '' : variablesInWords(key);
}

function tls({ kafka: { tls } }: RunConfig): string[] {
  const given = (['caFile', 'certFile', 'keyFile', 'servername'] as const).find(
    (key) => tls[key] !== undefined,
  );
  if (!tls.enabled && given !== undefined)
    return [`kafka.tls.${given} is given, but kafka.tls.enabled is false: set it to true to encrypt`];
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined))
    return ['kafka.tls.certFile and kafka.tls.keyFile must be given both or neither'];
  return [];
}

function sasl({ kafka: { sasl } }: RunConfig): string[] {
  const given = sasl.username !== undefined || sasl.password !== undefined;
  if (sasl.mechanism === 'none')
    return given ? ['kafka.sasl.mechanism is none, but a username or a password is given: name one'] : [];
  return (['username', 'password'] as const)
    .filter((key) => sasl[key] === undefined)
    .map((key) => `${missing('kafka', 'sasl', key)}: kafka.sasl.mechanism ${sasl.mechanism} needs it`);
}

function redis({ redis: { url, tls, sentinel } }: RunConfig): string[] {
  const { kind, isEncrypted } = url === undefined ? {} : parseRedisUrl(url);
  const [file] = Object.keys(tls);
  const [login] = Object.keys(sentinel);
  return [
    ...(file !== undefined && isEncrypted !== true
      ? [`redis.tls.${file} is given, but redis.url does not begin with rediss, which encrypts`]
      : []),
    ...(login !== undefined && kind !== 'sentinel'
      ? [`redis.sentinel.${login} is given, but redis.url names no sentinels`]
      : []),
    ...((tls.certFile === undefined) === (tls.keyFile === undefined)
      ? []
      : ['redis.tls.certFile and redis.tls.keyFile must be given both or neither']),
  ];
}

function ports({ role, http, monitoring }: RunConfig): string[] {
  const both = role === 'all' || role === 'api';
  if (!both || http.port === 0 || http.port !== monitoring.port) return [];
  return [`http.port and monitoring.port are both ${http.port}: they must differ`];
}

function strangers({ role, http }: RunConfig): string[] {
  if (role !== 'all' && role !== 'api') return [];
  const { host, tokensFile, allowAnonymous } = http;
  if (allowAnonymous && tokensFile !== undefined)
    return ['http.allowAnonymous is true, but http.tokensFile is given: leave one of them out'];
  if (isLoopback(host) || allowAnonymous || tokensFile !== undefined) return [];
  return [
    `http.host is ${JSON.stringify(host)}, which others may reach, but http.tokensFile is missing: make one with ` +
      '`incidents tokens create`, or set http.allowAnonymous to true where something else keeps strangers away',
  ];
}

function webhooks({ webhooks }: RunConfig): string[] {
  return Object.entries(webhooks).flatMap(([name, webhook]) => {
    if (webhook.secret === undefined)
      return [`webhooks.${name}: set secret or secretFile, for requests are signed`];
    try {
      checkWebhookTarget(webhookOptionsOf(name, webhook));
      return [];
    } catch (error) {
      if (!(error instanceof WebhookTargetError)) throw error;
      return [`webhooks.${name} cannot be used: ${error.message}`];
    }
  });
}
