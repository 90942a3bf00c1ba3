import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { RequestMalformedError, RequestTimeoutError } from './errors.ts';
import { PROBLEM_MEDIA_TYPE, problemBody } from './problem-reply.ts';

const TIMED_OUT = 'ERR_HTTP_REQUEST_TIMEOUT';
const STATUS_OF_FAULT: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, [TIMED_OUT]: 408 };

/** Answers bytes that are not HTTP, or not in time, before there is a request to reply to. */
export function answerMalformedHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_FAULT[error.code ?? ''] ?? 400;
  const problem =
    error.code === TIMED_OUT
      ? new RequestTimeoutError('The request did not arrive whole in time.')
      : new RequestMalformedError('The request is not HTTP as this server reads it.');
  const body = JSON.stringify({ ...problemBody(problem), status });
  const head =
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  // Whoever sends slowly may also be slow to close: the connection is ours to end.
  socket.end(head + body, () => socket.destroy());
}
