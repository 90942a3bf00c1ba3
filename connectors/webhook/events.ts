/** What a webhook sink tells while it works. Nothing in it is secret. */
export type WebhookEvent = WebhookAttempt | WebhookRetry | WebhookDeadLetter;

/** A request has ended. */
export interface WebhookAttempt {
  readonly type: 'attempt';
  readonly target: string;
  readonly id: string;
  readonly result: 'accepted' | 'failed' | 'address-refused';
  readonly durationMs: number;
}

/** An alert was not taken, and is sent again. */
export interface WebhookRetry {
  readonly type: 'retrying';
  readonly target: string;
  readonly id: string;
  readonly reason: string;
  /** Attempts so far. */
  readonly attempts: number;
  /** Not before. */
  readonly inMs: number;
}

/** An alert was given up; its record is in the dead-letter topic. */
export interface WebhookDeadLetter {
  readonly type: 'dead-lettered';
  readonly target: string;
  readonly id: string;
  readonly reason: string;
  readonly attempts: number;
  /** The target says that it is gone for good (410): take it out of the configuration. */
  readonly gone: boolean;
}
