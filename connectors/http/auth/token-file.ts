import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { CodedError } from '@incident-streams/streams';
import { z } from 'zod';
import { ROLES } from './roles.ts';
import type { StoredToken } from './token-table.ts';

/** The file with the tokens is missing, damaged, open to others, or being written by another program. */
export class TokenFileError extends CodedError {
  readonly code = 'HTTP_TOKEN_FILE';
}

const OWNER_ONLY = 0o600;
const OTHERS_MAY_WRITE = 0o022;

/** Without spaces, so that nothing else can be read into "ana via token bot" in the history. */
export const TOKEN_NAME = /^(?!system$)[A-Za-z0-9._-]{1,64}$/i;

const instant = z.iso.datetime({ offset: true });
const tokenFile = z.strictObject({
  version: z.literal(1),
  tokens: z
    .array(
      z.strictObject({
        name: z.string().regex(TOKEN_NAME),
        role: z.enum(ROLES),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        createdAt: instant,
        expiresAt: instant.nullable(),
      }),
    )
    .max(1_000)
    .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, {
      error: 'two tokens have one name',
    }),
});

/** @throws {TokenFileError} when it cannot be read, is no such file, or others than its owner may write it */
export function readTokenFile(path: string): readonly StoredToken[] {
  try {
    if ((statSync(path).mode & OTHERS_MAY_WRITE) !== 0)
      throw new TypeError('others than its owner may write it: chmod 600');
    const parsed = tokenFile.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.data.tokens;
    const [issue] = parsed.error.issues;
    throw new TypeError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      cause instanceof SyntaxError ? 'it is not JSON' : code === 'ENOENT' ? 'there is none' : message;
    throw new TokenFileError(`the token file ${path} cannot be used: ${why}`, { cause });
  }
}

/**
 * Puts what `change` makes of the tokens in the place of the file, at once and for good; a missing file counts as empty.
 * The new content is written beside it, which also keeps two programs from overwriting each other's changes.
 * @throws {TokenFileError} when it cannot be read or written, or another program is writing it
 */
export function changeTokenFile(
  path: string,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[],
): void {
  const beside = `${path}.new`;
  const file = openBeside(beside);
  try {
    const tokens = change(exists(path) ? readTokenFile(path) : []);
    writeFileSync(file, `${JSON.stringify({ version: 1, tokens }, undefined, 2)}\n`);
    fsyncSync(file);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function openBeside(path: string): number {
  try {
    return openSync(path, 'wx', OWNER_ONLY);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST')
      throw new TokenFileError(`the token file cannot be written: ${message}`, { cause });
    throw new TokenFileError(`another program is writing the tokens, or was cut off: then remove ${path}`);
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
