import { readFileSync } from 'node:fs';
import { ConfigError } from '../errors.ts';

/** The section `tls` of an outside system. */
export interface TlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly servername?: string;
}

export interface TlsTexts {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/**
 * What the files hold.
 *
 * @param section names them in messages, e.g. `kafka.tls`.
 * @throws {ConfigError} for a file that cannot be read.
 */
export function readTlsFiles(section: string, { caFile, certFile, keyFile, servername }: TlsFiles): TlsTexts {
  const read = (key: string, file: string) => pemOf(`${section}.${key}`, file);
  return {
    ...(caFile === undefined ? {} : { ca: read('caFile', caFile) }),
    ...(certFile === undefined ? {} : { cert: read('certFile', certFile) }),
    ...(keyFile === undefined ? {} : { key: read('keyFile', keyFile) }),
    ...(servername === undefined ? {} : { servername }),
  };
}

function pemOf(key: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${key} cannot be read: ${(cause as Error).message}`);
  }
}
