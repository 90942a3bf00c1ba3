import { randomUUID } from 'node:crypto';
import Fastify, { LogController } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { guardStreams } from './auth/caller-streams.ts';
import { guardCallers } from './auth/guard-callers.ts';
import { refuseTokenInUrl } from './auth/token-in-url.ts';
import { limitConnections } from './connection-limits.ts';
import { drainBody } from './drain-body.ts';
import { BodyTooLargeError, RouteUnknownError, ServerClosingError } from './errors.ts';
import { createHostCheck } from './host-check.ts';
import { acceptOnlyJson } from './json-body.ts';
import { answerMalformedHttp } from './malformed-http.ts';
import { ALERT_STREAM_DEFAULTS, CONNECTION_DEFAULTS, RATE_DEFAULTS } from './options.ts';
import type { HttpServerOptions } from './options.ts';
import type { HttpPorts } from './ports.ts';
import { sendProblem, toProblem } from './problem-reply.ts';
import { registerAlertRoutes } from './routes/alerts.ts';
import { registerAlertmanagerRoute } from './routes/alertmanager.ts';
import { registerCommandRoutes } from './routes/commands.ts';
import { registerEventRoutes } from './routes/events.ts';
import { registerIncidentRoutes } from './routes/incidents.ts';
import { registerServiceRoutes } from './routes/service.ts';

const MEBIBYTE = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const HEAD_TIMEOUT_MS = 10_000;
/** How late the end of a time-out may be noticed; Node's usual 30 s would double them. */
const TIMEOUT_CHECK_MS = 500;
const CLOSE_GRACE_MS = 5_000;
const DRAIN_LIMITS = { maxBytes: 64 * MEBIBYTE, maxMs: 5_000 };

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** The HTTP API over the given ports, not yet listening: see `listenHttp`. Closing it ends alert streams first. */
export function createHttpServer(ports: HttpPorts, options: HttpServerOptions = {}): FastifyInstance {
  const maxBodyBytes = options.maxBodyBytes ?? MEBIBYTE;
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const app: FastifyInstance = Fastify({
    ...(options.logger === undefined
      ? { logger: { level: 'warn', stream: process.stderr } }
      : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    http: {
      headersTimeout: Math.min(requestTimeoutMs, HEAD_TIMEOUT_MS),
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerMalformedHttp,
    frameworkErrors: (error, request, reply) => {
      void sendProblem(secure(reply), toProblem(urlFault(request) ?? error, { maxBodyBytes }));
    },
  });
  acceptOnlyJson(app);
  guardRequests(app, options);
  answerErrors(app, { maxBodyBytes });
  closeInTime(app, options.closeGraceMs ?? CLOSE_GRACE_MS);
  guardCallers(app, { tokens: options.tokens, rate: options.rate ?? RATE_DEFAULTS });
  const alerts = { ...ALERT_STREAM_DEFAULTS, ...options.alerts };
  guardStreams(app, '/alerts', { tokens: options.tokens, maxPerCaller: alerts.maxClientsPerCaller });
  limitConnections(app, { ...CONNECTION_DEFAULTS, ...options.connections });
  registerServiceRoutes(app, ports);
  registerIncidentRoutes(app, ports.incidents);
  const maxBatchEvents = options.maxBatchEvents ?? 1_000;
  registerEventRoutes(app, ports.events, { maxBatchEvents });
  registerAlertmanagerRoute(app, ports.events, { maxBatchEvents, now: Date.now });
  registerCommandRoutes(app, ports, { now: options.now ?? Date.now, newId: options.newId ?? randomUUID });
  registerAlertRoutes(app, ports.alerts, alerts);
  return app;
}

/**
 * Starts listening, on loopback unless told otherwise, and resolves with the URL. Port 0 takes a free one. On any
 * other address, name the hosts it is asked under in `allowedHosts`, and give it `tokens`.
 */
export async function listenHttp(
  app: FastifyInstance,
  { port = 0, host = '127.0.0.1' }: { readonly port?: number; readonly host?: string } = {},
): Promise<string> {
  // Fastify would open a second server for the name's other address, to which no limit applies.
  return await app.listen({ port, host: host === 'localhost' ? '127.0.0.1' : host });
}

function guardRequests(app: FastifyInstance, options: HttpServerOptions): void {
  const checkHost = createHostCheck(options.allowedHosts ?? []);
  app.addHook('onRequest', (request, reply, done) => {
    secure(reply);
    checkHost(request.headers.host);
    done();
  });
}

/** Requests whose URL cannot be read pass no hook, and the framework's answer repeats the URL. */
function urlFault(request: FastifyRequest): unknown {
  try {
    refuseTokenInUrl(request.raw.url ?? '');
    return undefined;
  } catch (error) {
    return error;
  }
}

function answerErrors(app: FastifyInstance, limits: { readonly maxBodyBytes: number }): void {
  app.setErrorHandler(async (error, request, reply) => {
    const { bodyLimit = limits.maxBodyBytes } = request.routeOptions;
    const problem = toProblem(error, { maxBodyBytes: bodyLimit });
    if (problem.status === 503 && problem.cause === undefined) request.log.info(problem.message);
    else if (problem.status >= 500) request.log.error({ err: problem.cause ?? problem }, problem.message);
    if (problem instanceof BodyTooLargeError) await drainBody(request.raw, DRAIN_LIMITS);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    throw new RouteUnknownError(`There is no ${request.method} ${path} here; GET / lists what there is.`);
  });
}

/** Requests under way are finished, new ones refused, and no connection is kept alive for more of them. */
function closeInTime(app: FastifyInstance, graceMs: number): void {
  let closing = false;
  app.addHook('onRequest', (_request, _reply, done) => {
    if (closing) throw new ServerClosingError('The server is shutting down. Try again later.');
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done();
  });
  app.addHook('preClose', (done) => {
    closing = true;
    const timer = setTimeout(() => app.server.closeAllConnections(), graceMs).unref();
    app.server.once('close', () => clearTimeout(timer));
    done();
  });
}

function secure(reply: FastifyReply): FastifyReply {
  return reply.headers(SECURITY_HEADERS);
}
