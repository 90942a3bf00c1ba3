import { TokenInUrlError } from '../errors.ts';

const NAMES = ['token', 'access_token', 'auth', 'authorization', 'bearer', 'apikey', 'api_key', 'api-key'];
/** A whole token anywhere, or so much of one as gives it away and is too long for a name that begins like it. */
const TOKEN_LIKE = /ist_[A-Za-z0-9_-]{43}|(?<![A-Za-z0-9])ist_[A-Za-z0-9_-]{16}/;

/**
 * Refuses a URL with a token in it: URLs end up in logs, histories and Referer headers.
 * The refusal does not repeat the URL.
 * @throws {TokenInUrlError}
 */
export function refuseTokenInUrl(url: string): void {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const names = [...new URLSearchParams(query).keys()].map((name) => name.toLowerCase());
  if (!names.some((name) => NAMES.includes(name)) && !TOKEN_LIKE.test(decoded(url))) return;
  throw new TokenInUrlError(
    'Send the token in the header Authorization: Bearer <token>. This one may have been seen: replace it.',
  );
}

function decoded(url: string): string {
  return url.replace(/%[0-9a-fA-F]{2}/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}
