import { CodedError } from '@incident-streams/streams';

/** An option of `npm run stack` cannot be used. */
export class StackUsageError extends CodedError {
  readonly code = 'STACK_USAGE';
}

/** Another program listens where a service of the stack should. */
export class PortTakenError extends CodedError {
  readonly code = 'STACK_PORT_TAKEN';
}

/** The data folder holds a cluster of another size than the one asked for. */
export class StackDataError extends CodedError {
  readonly code = 'STACK_DATA';
}

/** A service of the stack did not start. What had started was stopped again. */
export class StackServiceError extends CodedError {
  readonly code = 'STACK_SERVICE';
}
