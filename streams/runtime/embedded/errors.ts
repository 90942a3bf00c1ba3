import { CodedError } from '../../errors.ts';

/** A topic exists with other properties than those asked for, or does not exist at all. */
export class EmbeddedTopicError extends CodedError {
  readonly code = 'EMBEDDED_TOPIC';
}

/** Something was asked of a runtime that has been closed, or that a processing error has stopped. */
export class EmbeddedStoppedError extends CodedError {
  readonly code = 'EMBEDDED_STOPPED';
}

/** The runtime was asked to write from within a step of its own, by a processor. */
export class EmbeddedReentryError extends CodedError {
  readonly code = 'EMBEDDED_REENTRY';
}

/** A sink that the topology declares has no connector, or a connector is named that no sink declares. */
export class EmbeddedSinkError extends CodedError {
  readonly code = 'EMBEDDED_SINK';
}
