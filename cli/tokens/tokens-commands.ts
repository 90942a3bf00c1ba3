import {
  TOKEN_NAME,
  changeTokenFile,
  createToken,
  hashOf,
  isExpired,
  readTokenFile,
} from '../../connectors/http/index.ts';
import type { Role, StoredToken } from '../../connectors/http/index.ts';
import { UsageError } from '../errors.ts';
import { expiryOf } from './expiry.ts';

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  /** `90d`, `12h` or a moment; without it, never. */
  readonly expires?: string;
}

/**
 * Makes a token and returns it: it is kept nowhere, only its hash is.
 * @throws {UsageError} for a name or an expiry that cannot be, or a name that is taken
 */
export function createTokenIn(file: string, { name, role, expires }: NewToken): string {
  if (!TOKEN_NAME.test(name))
    throw new UsageError(
      `--name ${name}: expected letters, digits, dots, dashes and underscores, at most 64, not system`,
    );
  const nowMs = Date.now();
  const expiresAt = expires === undefined ? null : expiryOf(expires, nowMs);
  const token = createToken();
  const stored = {
    name,
    role,
    sha256: hashOf(token).toString('hex'),
    createdAt: new Date(nowMs).toISOString(),
    expiresAt,
  };
  changeTokenFile(file, (tokens) => {
    if (tokens.some((other) => other.name === name))
      throw new UsageError(
        `--name ${name}: there is a token of this name; revoke it first, or choose another`,
      );
    return [...tokens, stored];
  });
  return token;
}

/** @throws {UsageError} when there is no token of that name */
export function revokeTokenIn(file: string, name: string): void {
  const known = readTokenFile(file);
  if (!known.some((token) => token.name === name)) throw new UsageError(`there is no token named ${name}`);
  changeTokenFile(file, (tokens) => tokens.filter((token) => token.name !== name));
}

/** One line for each token; nothing in it helps to forge one. */
export function tokenLines(tokens: readonly StoredToken[], nowMs: number): string[] {
  const rows = tokens.map((token) => [
    token.name,
    token.role,
    `created ${token.createdAt}`,
    expiryText(token, nowMs),
  ]);
  const width = (at: number): number => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(width(at)))
      .join('  ')
      .trimEnd(),
  );
}

function expiryText(token: StoredToken, nowMs: number): string {
  if (token.expiresAt === null) return 'never expires';
  return `${isExpired(token, nowMs) ? 'expired' : 'expires'} ${token.expiresAt}`;
}
