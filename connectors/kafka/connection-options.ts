import type { ConnectionOptions } from '@platformatic/kafka';

/** How the brokers are reached. */
export interface KafkaConnectionOptions {
  /** `host:port` of some brokers of the cluster; the others are learnt from them. The port defaults to 9092. */
  readonly brokers: readonly string[];
  /** Shown in the brokers' logs and metrics. */
  readonly clientId: string;
  /** Present: connections are encrypted. An empty object trusts the authorities that Node trusts. */
  readonly tls?: KafkaTlsOptions;
  readonly sasl?: KafkaSaslOptions;
  /** How long connecting may take, TLS and SASL included. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** How long a broker may take to answer. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** How long what is asked of the cluster's `admin` is tried again. Default 60,000. */
  readonly giveUpAfterMs?: number;
}

/** As in `node:tls`; PEM texts. */
export interface KafkaTlsOptions {
  readonly ca?: string | readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: boolean;
  /** The name that the brokers' certificates are checked against, where it is not the host's. */
  readonly servername?: string;
}

export interface KafkaSaslOptions {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

export const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;
export const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/** The same in the client package's words. `maxInflight`: how many requests of a connection may await their answers. */
export function connectionSettings(options: KafkaConnectionOptions, maxInflight: number): ConnectionOptions {
  const { tls, sasl } = options;
  return {
    connectTimeout: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    requestTimeout: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
    maxInflights: maxInflight,
    ...(tls && { tls: tlsSettings(tls) }),
    ...(sasl && { sasl: { ...sasl } }),
  };
}

function tlsSettings({ ca, ...others }: KafkaTlsOptions): NonNullable<ConnectionOptions['tls']> {
  return ca === undefined ? others : { ...others, ca: typeof ca === 'string' ? ca : [...ca] };
}
