import type { RunConfig } from './config-schema.ts';
import { ANY_NAME, CONFIG_KEYS } from './keys.ts';
import type { ConfigKey } from './keys.ts';

const HIDDEN = '***';
/** As Redis' may be; to `URL` it is none. */
const URL_OF_SEVERAL_HOSTS =
  /^(?<before>[a-z+]+:\/\/(?:[^/:@]*)):(?<password>[^/]*)(?<after>@[^/@,]+,[^/@]+(?:\/.*)?)$/;

/** The configuration as it may be shown: passwords are replaced, also those within URLs. */
export function withoutSecrets(config: RunConfig): Record<string, unknown> {
  const copy = structuredClone<Record<string, unknown>>(config);
  for (const key of CONFIG_KEYS) {
    if (key.secret === undefined) continue;
    const name = key.path.at(-1) ?? '';
    for (const section of sectionsOf(copy, key)) section[name] = withoutTexts(key, section[name]);
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
    const values = sectionsOf(config, key).flatMap((section) => section[key.path.at(-1) ?? '']);
    for (const value of values) {
      if (typeof value === 'string') for (const form of formsOf(key, value)) secrets.add(form);
    }
  }
  secrets.delete('');
  return [...secrets];
}

/** What must not appear of a secret, in each form in which it may. */
function formsOf(key: ConfigKey, value: string): string[] {
  const url = URL.parse(value);
  if (key.secret === 'endpoint') return [value, url?.href ?? ''];
  const passwordInUrl = url?.password ?? URL_OF_SEVERAL_HOSTS.exec(value)?.groups?.['password'] ?? '';
  const password = key.secret === 'value' ? value : passwordInUrl;
  return [password, decoded(password), encodeURIComponent(decoded(password))];
}

/** Texts, also within a list, are hidden; a section with keys of its own stays. */
function withoutTexts(key: ConfigKey, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutTexts(key, item));
  return typeof value === 'string' ? hidden(key, value) : value;
}

function hidden(key: ConfigKey, value: unknown): string {
  if (key.secret === 'value' || typeof value !== 'string') return HIDDEN;
  const url = URL.parse(value);
  if (url === null) return hiddenAmongHosts(value);
  if (key.secret === 'endpoint') return `${url.protocol}//${url.host}/${HIDDEN}`;
  if (url.password === '') return value;
  url.password = HIDDEN;
  return url.href;
}

/** Of what is no URL at all nobody knows where the password is. */
function hiddenAmongHosts(value: string): string {
  const { before, after } = URL_OF_SEVERAL_HOSTS.exec(value)?.groups ?? {};
  return before === undefined || after === undefined ? HIDDEN : `${before}:${HIDDEN}${after}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Those that hold the key: several where its path leads through a section whose names are free. */
function sectionsOf(tree: Record<string, unknown>, { path }: ConfigKey): Record<string, unknown>[] {
  const holders = path.slice(0, -1).reduce<Record<string, unknown>[]>(
    (sections, step) => {
      const inner = sections.flatMap((section) =>
        step === ANY_NAME ? Object.values(section) : [section[step]],
      );
      return inner.filter(isSection);
    },
    [tree],
  );
  const name = path.at(-1) ?? '';
  return holders.filter((section) => section[name] !== undefined);
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
