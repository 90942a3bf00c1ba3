import { UsageError } from '../errors.ts';
import { readSources } from '../run/config/sources.ts';
import type { Environment } from '../run/config/sources.ts';

export interface TokenFileOfCommand {
  readonly environment: Environment;
  /** The configuration file. */
  readonly config?: string;
  readonly file?: string;
}

/**
 * The file with the tokens: by the option, else by the configuration that `incidents run` goes by, of which nothing else has
 * to be there.
 * @throws {ConfigError} when the configuration cannot be read
 * @throws {UsageError} where nothing says which file
 */
export function tokenFileOf({ environment, config, file }: TokenFileOfCommand): string {
  if (file !== undefined) return file;
  const { tree } = readSources({ environment, ...(config === undefined ? {} : { file: config }) });
  const section: unknown = tree['http'];
  const path = (section as { readonly tokensFile?: unknown } | undefined)?.tokensFile;
  if (typeof path === 'string' && path !== '') return path;
  throw new UsageError('Which file? Give --file <path> or set http.tokensFile (INCIDENTS_HTTP_TOKENS_FILE)');
}
