export interface SinkStatus {
  readonly connector: string;
  readonly topic: string;
  /** Records that the outside system does not have yet, or has lost. */
  readonly lag: number;
  /** Whether it is being given what it has lost. */
  readonly restoring: boolean;
  /** Why the last attempt failed; undefined while all is well. */
  readonly failure: string | undefined;
}
