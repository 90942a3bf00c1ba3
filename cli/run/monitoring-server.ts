import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { PartReadiness } from '../../connectors/http/index.ts';
import type { Log } from './log.ts';

export interface MonitoringOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly parts: () => readonly PartReadiness[];
  readonly log: Log;
}

export interface MonitoringServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * What orchestrators and Prometheus ask a process, whatever its role: `/healthz` (it lives), `/readyz` (each of its
 * parts works, or which one does not and why) and `/metrics`. It listens before anything else is there.
 */
export async function startMonitoring(options: MonitoringOptions): Promise<MonitoringServer> {
  const server = createServer((request, response) => {
    void answer(request, options).then(
      (found) => send(response, found),
      (error: unknown) => {
        options.log.error({ err: error, url: request.url }, 'a monitoring request failed');
        send(response, json(500, { error: 'see the log' }));
      },
    );
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: () => close(server) };
}

async function answer({ method, url }: IncomingMessage, options: MonitoringOptions): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'GET only' });
  const path = (url ?? '').replace(/\?.*/s, '');
  if (path === '/healthz') return json(200, { status: 'up' });
  if (path === '/readyz') return readiness(options.parts());
  if (path !== '/metrics') return json(404, { error: 'there are /healthz, /readyz and /metrics' });
  const { registry } = options;
  return { status: 200, type: registry.contentType, body: await registry.metrics() };
}

function readiness(parts: readonly PartReadiness[]): Answer {
  const ready = parts.every(({ state }) => state === 'ready' || state === 'off');
  return json(ready ? 200 : 503, { ready, parts });
}

function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
