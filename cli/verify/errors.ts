import { CodedError } from '@incident-streams/streams';

/** Something could not be compared: away, behind, or moving too fast. It becomes the reason of a check. */
export class CannotCheckError extends CodedError {
  readonly code = 'CLI_VERIFY_CANNOT_CHECK';
}
