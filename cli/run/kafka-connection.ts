import type { KafkaConnectionOptions } from '../../connectors/kafka/index.ts';
import type { RunConfig } from './config/config-schema.ts';
import { readTlsFiles } from './tls-files.ts';

/** @throws {ConfigError} for a certificate file that cannot be read. */
export function kafkaConnectionOf({ kafka }: RunConfig): KafkaConnectionOptions {
  const { brokers, clientId, connectTimeoutMs, requestTimeoutMs, tls, sasl } = kafka;
  const { mechanism, username = '', password = '' } = sasl;
  return {
    brokers,
    clientId,
    connectTimeoutMs,
    requestTimeoutMs,
    ...(tls.enabled ? { tls: readTlsFiles('kafka.tls', tls) } : {}),
    ...(mechanism === 'none' ? {} : { sasl: { mechanism, username, password } }),
  };
}
