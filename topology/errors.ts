import { CodedError } from '@incident-streams/streams';

/** An event that can be read but not believed: the gate's reason names the field, the value and the limit. */
export class EventRejectedError extends CodedError {
  readonly code = 'TOPOLOGY_EVENT_REJECTED';
}

/** An operator's command that cannot be carried out: unknown incident, wrong status, or missing fields. */
export class CommandRefusedError extends CodedError {
  readonly code = 'TOPOLOGY_COMMAND_REFUSED';
}
