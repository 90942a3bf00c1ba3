import { timingSafeEqual } from 'node:crypto';
import type { Role } from './roles.ts';
import { hashOf, isToken } from './token.ts';

/** A token as it is stored: never the token itself. */
export interface StoredToken {
  readonly name: string;
  readonly role: Role;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null;
}

/** The tokens that are known, by their hashes. */
export class TokenTable {
  readonly #entries: readonly { readonly hash: Buffer; readonly token: StoredToken }[];

  constructor(tokens: readonly StoredToken[]) {
    this.#entries = tokens.map((token) => ({ hash: Buffer.from(token.sha256, 'hex'), token }));
  }

  /** The stored token for what a caller sent, expired or not. It takes as long whether there is one or not. */
  find(sent: string): StoredToken | undefined {
    if (!isToken(sent)) return undefined;
    const hash = hashOf(sent);
    let found: StoredToken | undefined;
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.hash, hash)) found = entry.token;
    }
    return found;
  }

  /** Whether a token that was found earlier is still the same one. */
  has({ name, role, sha256 }: StoredToken): boolean {
    return this.#entries.some(
      ({ token }) => token.sha256 === sha256 && token.name === name && token.role === role,
    );
  }
}

export function isExpired({ expiresAt }: StoredToken, nowMs: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs;
}
