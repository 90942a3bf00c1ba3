import { createServer, request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `serve` forwards; `refuse` breaks the connection; `hang` never answers; `cut` breaks off in the middle of an answer;
 * a number answers with that status and a page that no registry would send.
 */
export type ProxyMode = 'serve' | 'refuse' | 'hang' | 'cut' | number;

export interface SwitchableProxy {
  readonly url: string;
  mode: ProxyMode;
  /** What was asked for, as `GET /path`. */
  readonly requests: string[];
  /** Paths of ids that this replica of the registry has not heard of yet. */
  readonly hidden: Set<string>;
  /** The header of the latest request. */
  authorization: string | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

const JSON_TYPE = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
const NOT_FOUND = '{"error_code":40403,"message":"Schema not found"}';

/** Stands between a client and a registry, and can fail in every way that a registry can. */
export async function startSwitchableProxy(target: string, tls?: ServerOptions): Promise<SwitchableProxy> {
  const upstream = new URL(target);
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const path = incoming.url?.replace(upstream.pathname, '') ?? '';
    proxy.requests.push(`${incoming.method} ${path}`);
    proxy.authorization = incoming.headers.authorization;
    if (proxy.hidden.has(path)) outgoing.writeHead(404, JSON_TYPE).end(NOT_FOUND);
    else answer(proxy.mode, upstream, incoming, outgoing);
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: SwitchableProxy = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}${upstream.pathname}`,
    mode: 'serve',
    requests: [],
    hidden: new Set(),
    authorization: undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function answer(mode: ProxyMode, target: URL, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (mode === 'serve') {
    const { method, url, headers } = incoming;
    const forwarded = request(new URL(url ?? '/', target), { method: method ?? 'GET', headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  } else if (mode === 'refuse') {
    incoming.socket.destroy();
  } else if (mode === 'cut') {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    outgoing.write('{"schema":"{', () => incoming.socket.destroy());
  } else if (typeof mode === 'number') {
    outgoing.writeHead(mode, { 'content-type': 'text/html' }).end('<html>come back later</html>');
  }
}
