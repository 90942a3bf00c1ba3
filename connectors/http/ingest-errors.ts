import { HttpProblemError } from './errors.ts';

/** Nothing of what was sent has been taken, and nothing is wrong with it: it is to be sent again. */
export class IngestOverloadedError extends HttpProblemError {
  readonly code = 'HTTP_INGEST_OVERLOADED';
  readonly status = 503;
  readonly title = 'More events are under way than can be taken';
}

export class AvroInvalidError extends HttpProblemError {
  readonly code = 'HTTP_AVRO_INVALID';
  readonly status = 400;
  readonly title = 'The body is not an event in Avro';
}
