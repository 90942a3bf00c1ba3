import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'ist_';
const RANDOM_BYTES = 32;
const TOKEN = /^ist_[A-Za-z0-9_-]{43}$/;

/** A new secret: 256 random bits, so that a plain hash of it is as good as a slow one. */
export function createToken(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('base64url');
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** All that is kept of a token. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
