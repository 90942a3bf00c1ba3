import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { WebhookAddressError } from './errors.ts';
import type { Target } from './target.ts';

const MAX_HEADER_BYTES = 16_384;
/** What is read of an answer's body, so that the connection can be used again. Nobody looks at it. */
const MAX_BODY_BYTES = 4_096;
const MAX_REASON_CHARACTERS = 200;

export interface PostRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Ends the request at once. */
  readonly signal: AbortSignal;
}

/** How a request ended: with the status of an answer, whatever it is, or without one. */
export type PostResult = Answered | NoAnswer;

export interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

export interface NoAnswer {
  readonly status: undefined;
  readonly reason: string;
  /** Nothing was sent, for the address is not allowed. */
  readonly addressRefused: boolean;
}

/** Sends one request. Never rejects; follows no redirect; takes little memory, whatever is answered. */
export function post(target: Target, { headers, body, signal }: PostRequest): Promise<PostResult> {
  return new Promise((resolve) => {
    const request = openRequest(target, { ...headers, 'content-length': String(body.length) }, signal);
    const timers = limitTime(request, target);
    let answered: Answered | undefined;
    let failure: Error | undefined;
    request.on('response', (response) => {
      const { statusCode = 0, headers: fields } = response;
      answered = { status: statusCode, retryAfter: fields['retry-after'] };
      discardBody(response);
    });
    // A second error of the same request must not end the process.
    request.on('error', (error) => (failure ??= error));
    request.on('close', () => {
      timers.clear();
      resolve(answered ?? noAnswer(failure));
    });
    request.end(body);
  });
}

function openRequest(
  { url, agent, lookup }: Target,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): ClientRequest {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return send(url, { method: 'POST', agent, lookup, headers, signal, maxHeaderSize: MAX_HEADER_BYTES });
}

/** Three limits, none of which a target can move by sending something from time to time. */
function limitTime(
  request: ClientRequest,
  { url, connectTimeoutMs, headersTimeoutMs, timeoutMs }: Target,
): { clear: () => void } {
  const endAfter = (ms: number, what: string): NodeJS.Timeout =>
    setTimeout(() => request.destroy(new Error(`${what} took longer than ${ms} ms`)), ms);
  const whole = endAfter(timeoutMs, 'the request');
  let phase = endAfter(connectTimeoutMs, 'connecting');
  const awaitHeaders = (): void => {
    clearTimeout(phase);
    phase = endAfter(headersTimeoutMs, 'the answer');
  };
  request.on('socket', (socket: Socket) => {
    if (request.reusedSocket) awaitHeaders();
    else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', awaitHeaders);
  });
  request.on('response', () => clearTimeout(phase));
  return {
    clear: () => {
      clearTimeout(phase);
      clearTimeout(whole);
    },
  };
}

function discardBody(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) response.destroy();
  });
  // The status has been heard; how the rest ends does not matter.
  response.on('error', () => undefined);
}

function noAnswer(failure: Error | undefined): NoAnswer {
  const reason = failure?.message ?? 'the connection was closed without an answer';
  return {
    status: undefined,
    reason: (reason === '' ? String(failure) : reason).slice(0, MAX_REASON_CHARACTERS),
    addressRefused: failure instanceof WebhookAddressError,
  };
}
