import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { CallerStreamsError } from '../errors.ts';
import type { Caller } from './caller.ts';
import { isExpired } from './token-table.ts';
import type { StoredToken } from './token-table.ts';
import type { TokenSource } from './watched-tokens.ts';

export interface CallerStreamOptions {
  readonly tokens?: TokenSource | undefined;
  /** Streams of one token, or of one address where there is none. */
  readonly maxPerCaller: number;
}

const CHECK_EVERY_MS = 1_000;

/** Bounds how many streams a caller holds open, and cuts those off whose token has been revoked or has expired. */
export function guardStreams(
  app: FastifyInstance,
  path: string,
  { tokens, maxPerCaller }: CallerStreamOptions,
): void {
  const streams = new Map<ServerResponse, Caller>();
  const perCaller = new Map<string, number>();
  app.addHook('onRequest', (request, reply, done) => {
    const { caller } = request;
    if (request.routeOptions.url === path && caller !== null) {
      const open = perCaller.get(caller.key) ?? 0;
      if (open >= maxPerCaller)
        throw new CallerStreamsError(`At most ${maxPerCaller} streams are open for one caller.`, {
          headers: { 'retry-after': '5' },
        });
      perCaller.set(caller.key, open + 1);
      streams.set(reply.raw, caller);
      reply.raw.once('close', () => {
        streams.delete(reply.raw);
        const left = (perCaller.get(caller.key) ?? 1) - 1;
        if (left > 0) perCaller.set(caller.key, left);
        else perCaller.delete(caller.key);
      });
    }
    done();
  });
  if (tokens === undefined) return;
  const timer = setInterval(() => {
    for (const [response, { token }] of streams)
      if (token !== undefined && !counts(tokens, token)) response.destroy();
  }, CHECK_EVERY_MS).unref();
  app.addHook('preClose', (done) => {
    clearInterval(timer);
    done();
  });
}

function counts(tokens: TokenSource, token: StoredToken): boolean {
  if (isExpired(token, Date.now())) return false;
  try {
    return tokens.current().has(token);
  } catch {
    return false;
  }
}
