import { readFileSync } from 'node:fs';
import { ConfigError } from '../../errors.ts';
import type { RunConfig } from './config-schema.ts';
import type { WebhookConfig } from './webhook-section.ts';

/**
 * The configuration with the secrets that it names files for: whoever hides secrets then knows them all.
 * @throws {ConfigError} for a file that cannot be read
 */
export function withSecretFiles(config: RunConfig): RunConfig {
  const entries = Object.entries(config.webhooks).map(
    ([name, webhook]) => [name, withSecretFile(name, webhook)] as const,
  );
  return { ...config, webhooks: Object.fromEntries(entries) };
}

function withSecretFile(name: string, webhook: WebhookConfig): WebhookConfig {
  const { secretFile, secret } = webhook;
  if (secretFile === undefined) return webhook;
  const key = `webhooks.${name}`;
  if (secret !== undefined) throw new ConfigError(`${key}: set secret or secretFile, not both`);
  try {
    const texts = readFileSync(secretFile, 'utf8').split(/[\s,]+/);
    return { ...webhook, secret: texts.filter((text) => text !== '') };
  } catch (cause) {
    throw new ConfigError(`${key}.secretFile cannot be read: ${(cause as Error).message}`);
  }
}
