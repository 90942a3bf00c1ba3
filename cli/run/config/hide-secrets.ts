import type { RunConfig } from './config-schema.ts';
import { CONFIG_KEYS } from './keys.ts';
import type { ConfigKey } from './keys.ts';

const HIDDEN = '***';

/** The configuration as it may be shown: passwords are replaced, also those within URLs. */
export function withoutSecrets(config: RunConfig): Record<string, unknown> {
  const copy = structuredClone<Record<string, unknown>>(config);
  for (const key of CONFIG_KEYS) {
    if (key.secret === undefined) continue;
    const section = sectionOf(copy, key);
    const name = key.path.at(-1) ?? '';
    const value = section?.[name];
    if (section !== undefined && typeof value === 'string') section[name] = hidden(key, value);
  }
  return copy;
}

/** A value for a message, on one line. */
export function shownValue(key: ConfigKey, value: unknown): string {
  return JSON.stringify(key.secret === undefined ? value : hidden(key, value));
}

/** Every password of the configuration, as it is and as it stands in a URL: what must not appear anywhere. */
export function secretsOf(config: RunConfig): string[] {
  const secrets = new Set<string>();
  for (const key of CONFIG_KEYS) {
    if (key.secret === undefined) continue;
    const value = sectionOf(config, key)?.[key.path.at(-1) ?? ''];
    if (typeof value !== 'string') continue;
    const password = key.secret === 'value' ? value : (URL.parse(value)?.password ?? '');
    for (const form of [password, decoded(password), encodeURIComponent(decoded(password))])
      secrets.add(form);
  }
  secrets.delete('');
  return [...secrets];
}

function hidden(key: ConfigKey, value: unknown): string {
  const url = key.secret === 'url' && typeof value === 'string' ? URL.parse(value) : null;
  // Of what is no URL nobody knows where the password is.
  if (url === null) return HIDDEN;
  if (url.password === '') return String(value);
  url.password = HIDDEN;
  return url.href;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sectionOf(tree: Record<string, unknown>, key: ConfigKey): Record<string, unknown> | undefined {
  return key.path
    .slice(0, -1)
    .reduce<Record<string, unknown> | undefined>(
      (section, step) => section?.[step] as Record<string, unknown> | undefined,
      tree,
    );
}
