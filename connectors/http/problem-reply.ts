import type { FastifyReply } from 'fastify';
import {
  BodyTooLargeError,
  HttpProblemError,
  InternalHttpError,
  MediaTypeError,
  RequestMalformedError,
} from './errors.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

const RETRY_AFTER_SECONDS = 1;

/** The body of a problem as RFC 9457 has it, with `code` (stable) and `errors` (what is wrong where) added. */
export function problemBody(problem: HttpProblemError): object {
  return {
    type: `urn:incident-streams:problem:${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    ...(problem.fields.length > 0 && { errors: problem.fields }),
  };
}

export function sendProblem(reply: FastifyReply, problem: HttpProblemError): FastifyReply {
  if (problem.status === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problemBody(problem)));
}

/** Turns whatever was thrown into the problem the client may see. What is not ours or the client's fault is hidden. */
export function toProblem(error: unknown, limits: { readonly maxBodyBytes: number }): HttpProblemError {
  if (error instanceof HttpProblemError) return error;
  const { code, statusCode } = frameworkError(error);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new BodyTooLargeError(`A body may have at most ${limits.maxBodyBytes} bytes.`);
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new MediaTypeError('Send the body as JSON, with the header Content-Type: application/json.');
  }
  if (code.startsWith('FST_') && statusCode >= 400 && statusCode < 500 && error instanceof Error) {
    return new RequestMalformedError(error.message, { cause: error });
  }
  return new InternalHttpError('The request failed for a reason that is not yours. The log has it.', {
    cause: error,
  });
}

function frameworkError(error: unknown): { readonly code: string; readonly statusCode: number } {
  if (!(error instanceof Error)) return { code: '', statusCode: 500 };
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    statusCode: typeof statusCode === 'number' ? statusCode : 500,
  };
}
