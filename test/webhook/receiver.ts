import { once } from 'node:events';
import { createServer } from 'node:http';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  Server,
  ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Alert } from '../../schemas/alert.ts';

export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly alert: Alert;
  readonly path: string;
  readonly atMs: number;
}

/** What to answer to the n-th request, counted from 0. Default: 204. */
export type Answer = (response: ServerResponse, request: ReceivedRequest, index: number) => unknown;

export interface Receiver {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  readonly server: Server;
}

export const accept: Answer = (response) => response.writeHead(204).end();

/** Answers with these statuses, one after the other, then with 204. */
export function statuses(...list: readonly number[]): Answer {
  return (response, _request, index) => response.writeHead(list[index] ?? 204).end();
}

/** A target on 127.0.0.1, until the test ends. */
export function startReceiver(answer: Answer = accept): Promise<Receiver> {
  return listen(answer, (listener) => createServer(listener), 'http');
}

export async function listen(
  answer: Answer,
  create: (listener: RequestListener) => Server,
  scheme: 'http' | 'https',
): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const server = create((request, response) => {
    void received(request).then((content) => {
      requests.push(content);
      answer(response, content, requests.length - 1);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${scheme}://127.0.0.1:${port}/hook?token=topsecret`, requests, server };
}

async function received(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString('utf8');
  const { headers, url: path = '' } = request;
  return { headers, body, path, alert: JSON.parse(body) as Alert, atMs: Date.now() };
}
