import { CodedError } from '@incident-streams/streams';

/** One thing that is wrong with what a client sent. `index` is the item's place in a batch, from 0. */
export interface FieldProblem {
  readonly index?: number;
  readonly field: string;
  readonly message: string;
}

interface ProblemOptions extends ErrorOptions {
  readonly fields?: readonly FieldProblem[];
  /** Sent with the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An answer other than success, sent as `application/problem+json` (RFC 9457). The message becomes `detail`: it
 * tells the client what to change, and nothing about the inside of the server.
 */
export abstract class HttpProblemError extends CodedError {
  abstract readonly status: number;
  abstract readonly title: string;
  readonly fields: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(detail: string, options: ProblemOptions = {}) {
    super(detail, options);
    this.fields = options.fields ?? [];
    this.headers = options.headers ?? {};
  }
}

export class RequestMalformedError extends HttpProblemError {
  readonly code = 'HTTP_REQUEST_MALFORMED';
  readonly status = 400;
  readonly title = 'The request is not well-formed';
}

export class JsonInvalidError extends HttpProblemError {
  readonly code = 'HTTP_JSON_INVALID';
  readonly status = 400;
  readonly title = 'The body is not JSON';
}

export class JsonForbiddenKeyError extends HttpProblemError {
  readonly code = 'HTTP_JSON_FORBIDDEN_KEY';
  readonly status = 400;
  readonly title = 'The body has a key that is not allowed';
}

export class JsonTooDeepError extends HttpProblemError {
  readonly code = 'HTTP_JSON_TOO_DEEP';
  readonly status = 400;
  readonly title = 'The body is nested too deeply';
}

export class BodyInvalidError extends HttpProblemError {
  readonly code = 'HTTP_BODY_INVALID';
  readonly status = 400;
  readonly title = 'The body does not have the expected shape';
}

export class EventInvalidError extends HttpProblemError {
  readonly code = 'HTTP_EVENT_INVALID';
  readonly status = 400;
  readonly title = 'Not an incident event';
}

export class BatchSizeError extends HttpProblemError {
  readonly code = 'HTTP_BATCH_SIZE';
  readonly status = 400;
  readonly title = 'The batch has too few or too many events';
}

export class QueryInvalidError extends HttpProblemError {
  readonly code = 'HTTP_QUERY_INVALID';
  readonly status = 400;
  readonly title = 'The query parameters are not valid';
}

/** Thrown by an alert feed that cannot go on from the position it was given. */
export class AlertPositionError extends HttpProblemError {
  readonly code = 'HTTP_ALERT_POSITION_INVALID';
  readonly status = 400;
  readonly title = 'The alert feed cannot be resumed from this position';
}

export class TokenInUrlError extends HttpProblemError {
  readonly code = 'HTTP_TOKEN_IN_URL';
  readonly status = 400;
  readonly title = 'A token does not belong into a URL';
}

/** RFC 6750: whoever sends no token is asked for one, and told nothing of what was wrong. */
export class TokenMissingError extends HttpProblemError {
  readonly code = 'HTTP_TOKEN_MISSING';
  readonly status = 401;
  readonly title = 'A token is needed';
  override readonly headers = { 'www-authenticate': 'Bearer' };
}

/** Unknown, revoked and malformed tokens are not told apart. */
export class TokenInvalidError extends HttpProblemError {
  readonly code = 'HTTP_TOKEN_INVALID';
  readonly status = 401;
  readonly title = 'The token does not count';
  override readonly headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
}

export class TokenExpiredError extends HttpProblemError {
  readonly code = 'HTTP_TOKEN_EXPIRED';
  readonly status = 401;
  readonly title = 'The token has expired';
  override readonly headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
}

export class RoleMissingError extends HttpProblemError {
  readonly code = 'HTTP_ROLE_MISSING';
  readonly status = 403;
  readonly title = 'The token may not do this';
}

export class HostRefusedError extends HttpProblemError {
  readonly code = 'HTTP_HOST_REFUSED';
  readonly status = 403;
  readonly title = 'Not served under this host name';
}

export class RouteUnknownError extends HttpProblemError {
  readonly code = 'HTTP_ROUTE_UNKNOWN';
  readonly status = 404;
  readonly title = 'No such resource';
}

export class IncidentUnknownError extends HttpProblemError {
  readonly code = 'HTTP_INCIDENT_UNKNOWN';
  readonly status = 404;
  readonly title = 'No such incident';
}

export class RequestTimeoutError extends HttpProblemError {
  readonly code = 'HTTP_REQUEST_TIMEOUT';
  readonly status = 408;
  readonly title = 'The request came too slowly';
}

export class BodyTooLargeError extends HttpProblemError {
  readonly code = 'HTTP_BODY_TOO_LARGE';
  readonly status = 413;
  readonly title = 'The body is too large';
}

export class MediaTypeError extends HttpProblemError {
  readonly code = 'HTTP_MEDIA_TYPE';
  readonly status = 415;
  readonly title = 'The media type is not supported';
}

export class RateLimitError extends HttpProblemError {
  readonly code = 'HTTP_RATE_LIMIT';
  readonly status = 429;
  readonly title = 'Too many requests';
}

export class CallerStreamsError extends HttpProblemError {
  readonly code = 'HTTP_CALLER_STREAMS';
  readonly status = 429;
  readonly title = 'Too many streams of one caller';
}

export class InternalHttpError extends HttpProblemError {
  readonly code = 'HTTP_INTERNAL';
  readonly status = 500;
  readonly title = 'Something went wrong here';
}

export class TimelineOffError extends HttpProblemError {
  readonly code = 'HTTP_TIMELINE_OFF';
  readonly status = 501;
  readonly title = 'No history is kept';
}

export class IngestUnavailableError extends HttpProblemError {
  readonly code = 'HTTP_INGEST_UNAVAILABLE';
  readonly status = 503;
  readonly title = 'Not taken in';
}

export class AlertClientsError extends HttpProblemError {
  readonly code = 'HTTP_ALERT_CLIENTS';
  readonly status = 503;
  readonly title = 'Too many alert subscribers';
}

export class TokensUnreadableError extends HttpProblemError {
  readonly code = 'HTTP_TOKENS_UNREADABLE';
  readonly status = 503;
  readonly title = 'Tokens cannot be checked';
}

export class ServerClosingError extends HttpProblemError {
  readonly code = 'HTTP_SERVER_CLOSING';
  readonly status = 503;
  readonly title = 'Shutting down';
}

/** Thrown by a reader for a cursor that it did not hand out. */
export class IncidentCursorError extends HttpProblemError {
  readonly code = 'HTTP_CURSOR_INVALID';
  readonly status = 400;
  readonly title = 'Not a cursor of this list';
}
