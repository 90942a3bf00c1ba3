import { CodedError } from '@incident-streams/streams';

/** A shipped data file is missing, or a line of it is not what its loader expects. */
export class ReplayDataError extends CodedError {
  readonly code = 'REPLAY_DATA';
}

/** Options that cannot be kept at once, such as a ratio above 1 or a grace too short to be early or late against. */
export class ReplayOptionsError extends CodedError {
  readonly code = 'REPLAY_OPTIONS';
}
