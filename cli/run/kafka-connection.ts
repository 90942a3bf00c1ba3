import { readFileSync } from 'node:fs';
import type { KafkaConnectionOptions, KafkaTlsOptions } from '../../connectors/kafka/index.ts';
import { ConfigError } from '../errors.ts';
import type { RunConfig } from './config/config-schema.ts';

/** @throws {ConfigError} for a certificate file that cannot be read. */
export function kafkaConnectionOf({ kafka }: RunConfig): KafkaConnectionOptions {
  const { brokers, clientId, connectTimeoutMs, requestTimeoutMs, tls, sasl } = kafka;
  const { mechanism, username = '', password = '' } = sasl;
  return {
    brokers,
    clientId,
    connectTimeoutMs,
    requestTimeoutMs,
    ...(tls.enabled ? { tls: tlsOf(tls) } : {}),
    ...(mechanism === 'none' ? {} : { sasl: { mechanism, username, password } }),
  };
}

function tlsOf(tls: RunConfig['kafka']['tls']): KafkaTlsOptions {
  const { caFile, certFile, keyFile, servername } = tls;
  return {
    ...(caFile === undefined ? {} : { ca: pemOf('caFile', caFile) }),
    ...(certFile === undefined ? {} : { cert: pemOf('certFile', certFile) }),
    ...(keyFile === undefined ? {} : { key: pemOf('keyFile', keyFile) }),
    ...(servername === undefined ? {} : { servername }),
  };
}

function pemOf(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`kafka.tls.${key} cannot be read: ${(cause as Error).message}`);
  }
}
