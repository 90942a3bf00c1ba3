import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RateLimitError, RoleMissingError, TokenExpiredError, TokenInvalidError } from '../errors.ts';
import { signWithToken } from './actor.ts';
import { addressKey } from './caller.ts';
import { identify, tokenMissing } from './identify.ts';
import { RequestRates } from './request-rates.ts';
import type { RateLimit } from './request-rates.ts';
import { mayUse } from './roles.ts';
import { accessOf } from './route-access.ts';
import { refuseTokenInUrl } from './token-in-url.ts';
import type { TokenSource } from './watched-tokens.ts';

export interface CallerGuardOptions {
  /** Without it everybody may do everything. */
  readonly tokens?: TokenSource | undefined;
  /** Of one token, or of one address where there is none. */
  readonly rate: RateLimit;
}

/** More wrong tokens than a mistaken client sends before somebody looks, and far too few to guess one. */
const FAILED_LOGINS: RateLimit = { perSecond: 5, burst: 50 };

/** Finds out who asks before anything of a body is read, and refuses what they may not do, or not so often. */
export function guardCallers(app: FastifyInstance, { tokens, rate }: CallerGuardOptions): void {
  const rates = new RequestRates(rate);
  const failures = new RequestRates(FAILED_LOGINS);
  app.decorateRequest('caller', null);
  app.addHook('onRequest', (request, _reply, done) => {
    refuseTokenInUrl(request.raw.url ?? '');
    const access = accessOf(request.method, request.routeOptions.url ?? '', request.routeOptions.config);
    try {
      request.caller = identify(request, tokens);
      if (tokens !== undefined && request.caller.token === undefined && access !== 'public')
        throw tokenMissing();
    } catch (error) {
      takeFailure(failures, request, error);
      throw error;
    }
    limitRate(rates, request.caller.key);
    const { token } = request.caller;
    if (token !== undefined && !request.is404 && !mayUse(token.role, access))
      throw new RoleMissingError(`This token has the role ${token.role}; this needs ${access}.`, {
        headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${access}"` },
      });
    done();
  });
  app.addHook('preValidation', (request, _reply, done) => {
    const access = accessOf(request.method, request.routeOptions.url ?? '', request.routeOptions.config);
    if (access === 'operate' && request.caller?.token !== undefined)
      signWithToken(request.body, request.caller.token.name);
    done();
  });
}

/** A caller with a token that counts is not held up by others at its address who guess. */
function takeFailure(failures: RequestRates, request: FastifyRequest, error: unknown): void {
  if (!(error instanceof TokenInvalidError || error instanceof TokenExpiredError)) return;
  request.log.warn({ address: request.ip, code: error.code }, 'a token was refused');
  limitRate(failures, addressKey(request.ip));
}

function limitRate(rates: RequestRates, key: string): void {
  const waitSeconds = rates.take(key);
  if (waitSeconds === 0) return;
  throw new RateLimitError(`Too many requests. Try again in ${waitSeconds} s.`, {
    headers: { 'retry-after': String(waitSeconds) },
  });
}
