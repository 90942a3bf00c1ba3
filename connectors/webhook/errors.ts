import { CodedError } from '@incident-streams/streams';

/** The options of a webhook target cannot work. The message names the target and the option, never a secret. */
export class WebhookTargetError extends CodedError {
  readonly code = 'WEBHOOK_TARGET';
}

/** The target's host is, or resolves to, an address that nothing is sent to. */
export class WebhookAddressError extends CodedError {
  readonly code = 'WEBHOOK_ADDRESS_REFUSED';
}

/** A target has not taken an alert yet; it is sent again later, under the same id. */
export class WebhookUnavailableError extends CodedError {
  readonly code = 'WEBHOOK_UNAVAILABLE';
}

/** A target has not taken an alert, and it is not sent again: the reason with which its record is dead-lettered. */
export class WebhookGivenUpError extends CodedError {
  readonly code = 'WEBHOOK_GIVEN_UP';
}

/** The sink is closed: what was under way was cut off. */
export class WebhookClosedError extends CodedError {
  readonly code = 'WEBHOOK_CLOSED';
}

/** For receivers: a request that was not signed with the secret, or long ago. Nothing in it can be trusted. */
export class WebhookSignatureError extends CodedError {
  readonly code = 'WEBHOOK_SIGNATURE';
}
