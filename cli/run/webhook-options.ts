import { readFileSync } from 'node:fs';
import type { WebhookSinkOptions } from '../../connectors/webhook/index.ts';
import { ConfigError } from '../errors.ts';
import type { WebhookConfig } from './config/webhook-section.ts';

/** For the name, the connection and TLS, beside the time that the answer may take. */
const CONNECT_TIMEOUT_MS = 5_000;

/** @throws {ConfigError} for a certificate file that cannot be read. */
export function webhookOptionsOf(name: string, webhook: WebhookConfig): WebhookSinkOptions {
  const { url, secret = [], minSeverity, services, types, caFile, timeoutMs } = webhook;
  const { allowedNetworks, allowPlainHttp, requestsPerSecond, maxAttempts, giveUpAfterMs } = webhook;
  return {
    name,
    url,
    secrets: secret,
    filter: {
      minSeverity,
      ...(services === undefined ? {} : { services }),
      ...(types === undefined ? {} : { types }),
    },
    allowedNetworks,
    allowPlainHttp,
    requestsPerSecond,
    maxAttempts,
    giveUpAfterMs,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    headersTimeoutMs: timeoutMs,
    timeoutMs: CONNECT_TIMEOUT_MS + timeoutMs,
    ...(caFile === undefined ? {} : { ca: pemOf(name, caFile) }),
  };
}

function pemOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`webhooks.${name}.caFile cannot be read: ${(cause as Error).message}`);
  }
}
