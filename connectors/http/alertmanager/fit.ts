import { createHash } from 'node:crypto';

/** Control and format characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const MARK = '…';
const HASH_CHARS = 16;

/** At most so many characters (UTF-16 units), with a mark at the end of what was cut; never half a character. */
export function fitText(value: string, maxLength: number): string {
  const text = value.toWellFormed();
  if (text.length <= maxLength) return text;
  return withoutHalf(text.slice(0, maxLength - MARK.length)) + MARK;
}

/** The same for names: what is too long keeps its beginning and gets the hash of the whole, so that two stay two. */
export function fitName(value: string, maxLength: number): string {
  const text = value.toWellFormed();
  if (text.length <= maxLength) return text;
  return `${withoutHalf(text.slice(0, maxLength - MARK.length - HASH_CHARS))}${MARK}${hashOf(text)}`;
}

/** A name that may be part of a correlation key: what has no place there becomes an underscore. */
export function fitKeyPart(value: string, maxLength: number): string {
  return fitName(value.trim().replaceAll('/', '_').replaceAll(UNSEEN, '_'), maxLength);
}

/** 64 bits of SHA-256, in hexadecimal. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARS);
}

function withoutHalf(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
