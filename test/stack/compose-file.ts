import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');

export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly ports: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly mem_limit?: string;
  readonly read_only?: boolean;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The compose file as it is written: variables are not filled in. */
export function composeFile(): ComposeFile {
  return parse(textOf('docker-compose.yml')) as ComposeFile;
}

/** The service of that name; where there is none, a failure that names it. */
export function serviceOf(name: string): ComposeService {
  const service = composeFile().services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}

/** `${NAME:?why}` filled in from the given values, as Docker does from `.env`. */
export function filledIn(
  environment: Readonly<Record<string, string>> = {},
  values: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [
      name,
      text.replace(/\$\{(\w+):\?[^}]*\}/g, (_all, variable: string) => values[variable] ?? ''),
    ]),
  );
}

/** Names and values of `.env.example`. */
export function exampleEnvironment(): Record<string, string> {
  const lines = textOf('.env.example').split('\n');
  const pairs = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split('=', 2));
  return Object.fromEntries(pairs) as Record<string, string>;
}
