import type { FastifyRequest } from 'fastify';
import type { HttpProblemError } from '../errors.ts';
import { TokenExpiredError, TokenInvalidError, TokenMissingError, TokensUnreadableError } from '../errors.ts';
import { addressKey } from './caller.ts';
import type { Caller } from './caller.ts';
import { isExpired } from './token-table.ts';
import type { TokenTable } from './token-table.ts';
import type { TokenSource } from './watched-tokens.ts';

const BEARER = /^bearer +(\S+)$/i;

/**
 * Who asks, by the header `Authorization` (RFC 6750). Where the server knows no tokens, everybody is let in.
 * @throws {HttpProblemError} 401 for a header that names no token that counts
 */
export function identify(request: FastifyRequest, tokens: TokenSource | undefined): Caller {
  const anybody = { key: `address ${addressKey(request.ip)}` };
  const header = request.headers.authorization;
  if (tokens === undefined || header === undefined) return anybody;
  const sent = BEARER.exec(header)?.[1];
  const token = sent === undefined ? undefined : tableOf(tokens).find(sent);
  if (token === undefined) throw new TokenInvalidError('This token is not known here, or no longer.');
  if (isExpired(token, Date.now())) throw new TokenExpiredError(`This token expired at ${token.expiresAt}.`);
  return { key: `token ${token.name}`, token };
}

export function tokenMissing(): HttpProblemError {
  return new TokenMissingError('Send a token in the header Authorization: Bearer <token>.');
}

function tableOf(tokens: TokenSource): TokenTable {
  try {
    return tokens.current();
  } catch {
    throw new TokensUnreadableError('Nobody can be let in at the moment. The log has the reason.');
  }
}
