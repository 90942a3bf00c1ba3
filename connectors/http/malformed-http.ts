import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { RequestMalformedError } from './errors.ts';
import { PROBLEM_MEDIA_TYPE, problemBody } from './problem-reply.ts';

const STATUS_OF_FAULT: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers bytes that are not HTTP, or not in time, before there is a request to reply to. */
export function answerMalformedHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF_FAULT[error.code ?? ''] ?? 400;
  const problem = new RequestMalformedError(
    'The request is not HTTP as this server reads it, or came too slowly.',
  );
  const body = JSON.stringify({ ...problemBody(problem), status });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
